package org.imagerl.toolkit.lora.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.toolkit.safetensors.GoldenRoot;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The published adapters of the golden folder: {@code lora/FAMILY-LAYOUT} is one adapter of {@code pipelines/FAMILY-tiny} in one
 * layout, the same adapter in all layouts of a family.
 */
class GoldenLoraFilesTest {
    @TempDir
    Path folder;

    private record Case(String name, Path path, BaseModules base) {
        String family() {
            return name.substring(0, name.indexOf('-'));
        }

        String layout() {
            return name.substring(name.indexOf('-') + 1);
        }

        LoraWeights read() {
            return LoraFiles.builtIn().read(path, base);
        }

        /** What the matrices are stored in; users have half precision, too. */
        DataType dtype() {
            try (SafetensorsFile file = SafetensorsFile.open(tensorFile(path))) {
                return file.entries().stream()
                        .filter(entry -> entry.shape().dimension() > 1)
                        .findFirst()
                        .orElseThrow()
                        .dtype()
                        .djl();
            }
        }
    }

    private static List<Case> cases() throws IOException {
        Path root = GoldenRoot.path();
        if (!Files.isDirectory(root.resolve("lora"))) {
            return abort("no golden adapters: " + root.resolve("lora") + " is absent");
        }
        try (Stream<Path> found = Files.list(root.resolve("lora"))) {
            List<Case> cases = found.filter(path -> Files.isDirectory(path) && Files.isDirectory(checkpoint(path)))
                    .sorted()
                    .map(path -> new Case(path.getFileName().toString(), path, BaseModules.ofFolder(checkpoint(path))))
                    .toList();
            return cases.isEmpty() ? abort("no golden adapter whose checkpoint is there: " + root) : cases;
        }
    }

    /** That of the family which an adapter's name begins with. */
    private static Path checkpoint(Path adapter) {
        String family = adapter.getFileName().toString().split("-", 2)[0];
        return GoldenRoot.path().resolve("pipelines/" + family + "-tiny");
    }

    /** Pairs of cases of one family. */
    private static Stream<DynamicTest> ofEachFamily(java.util.function.BiConsumer<Case, Case> test) throws IOException {
        List<Case> cases = cases();
        return cases.stream()
                .flatMap(from -> cases.stream()
                        .filter(to -> to.family().equals(from.family()))
                        .map(to -> dynamicTest(from.name() + " as " + to.name(), () -> test.accept(from, to))));
    }

    @TestFactory
    Stream<DynamicTest> allLayoutsOfAnAdapterAreTheSameUpdateOfTheWeights() throws IOException {
        return ofEachFamily((one, other) -> {
            LoraWeights a = one.read();
            LoraWeights b = other.read();
            assertThat(a.pairs()).isNotEmpty();
            assertThat(a.pairs().keySet()).isEqualTo(b.pairs().keySet());
            a.pairs()
                    .forEach((path, pair) ->
                            assertSameUpdate(path, pair, b.pairs().get(path)));
        });
    }

    private static void assertSameUpdate(String path, LoraPair a, LoraPair b) {
        double[] expected = Updates.of(a);
        double[] actual = Updates.of(b);
        assertThat(actual).as(path).hasSameSizeAs(expected);
        double largest = 0;
        int worst = 0;
        double worstDifference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            if (Math.abs(expected[i] - actual[i]) > worstDifference) {
                worstDifference = Math.abs(expected[i] - actual[i]);
                worst = i;
            }
        }
        assertThat(worstDifference).as("%s at index %d", path, worst).isLessThanOrEqualTo(1e-6 * largest);
    }

    @TestFactory
    Stream<DynamicTest> whatIsWrittenHasExactlyThePublishedKeysAndShapes() throws IOException {
        return ofEachFamily((from, to) -> {
            LoraWeights weights = from.read();
            Path written = folder.resolve(from.name() + "-as-" + to.name());
            switch (to.layout()) {
                case "kohya" ->
                    LoraFiles.write(
                            new KohyaLayout(),
                            written.resolve("lora.safetensors"),
                            weights,
                            BaseModules.unknown(),
                            to.dtype());
                case "peft" -> LoraFiles.write(new PeftLayout(), written, weights, BaseModules.unknown(), to.dtype());
                default ->
                    LoraFiles.write(
                            new DiffusersLayout(),
                            written.resolve(DiffusersLayout.FILE_NAME),
                            weights,
                            BaseModules.unknown(),
                            to.dtype());
            }
            assertThat(tensors(written)).isEqualTo(tensors(to.path()));
            assertThat(LoraFiles.builtIn().read(written, to.base()).pairs().keySet())
                    .isEqualTo(weights.pairs().keySet());
        });
    }

    @TestFactory
    Stream<DynamicTest> kohyasLayoutIsTheSameUpdateOfTheWeights() throws IOException {
        return cases().stream()
                .map(one -> dynamicTest(one.name(), () -> {
                    LoraWeights weights = one.read();
                    Path written = folder.resolve(one.name() + "-kohya.safetensors");
                    LoraFiles.write(new KohyaLayout(), written, weights, one.base(), DataType.FLOAT32);
                    LoraWeights read = LoraFiles.builtIn().read(written, one.base());
                    assertThat(read.pairs().keySet()).isEqualTo(weights.pairs().keySet());
                    weights.pairs()
                            .forEach((path, pair) ->
                                    assertSameUpdate(path, pair, read.pairs().get(path)));
                }));
    }

    private static Path tensorFile(Path folder) {
        Path peft = folder.resolve(PeftLayout.FILE_NAME);
        return Files.exists(peft) ? peft : LoraFiles.file(folder);
    }

    private static Map<String, String> tensors(Path folder) {
        try (SafetensorsFile file = SafetensorsFile.open(tensorFile(folder))) {
            Map<String, String> tensors = new TreeMap<>();
            file.entries().forEach(entry -> tensors.put(entry.name(), entry.dtype() + " " + entry.shape()));
            return tensors;
        }
    }

    @TestFactory
    Stream<DynamicTest> metadataAndNumbersSurviveARoundTripInDiffusersLayout() throws IOException {
        return cases().stream()
                .filter(one -> one.layout().startsWith("diffusers"))
                .map(one -> dynamicTest(one.name(), () -> roundTripDiffusers(one)));
    }

    private void roundTripDiffusers(Case one) {
        Path again = folder.resolve(one.name()).resolve(DiffusersLayout.FILE_NAME);
        LoraFiles.write(new DiffusersLayout(), again, one.read(), BaseModules.unknown(), one.dtype());
        try (SafetensorsFile before = SafetensorsFile.open(LoraFiles.file(one.path()));
                SafetensorsFile after = SafetensorsFile.open(again)) {
            String config = before.metadata().get("lora_adapter_metadata");
            if (config != null) {
                assertThat(after.metadata().keySet())
                        .isEqualTo(before.metadata().keySet());
                assertThat(StrictJson.object("after", after.metadata().get("lora_adapter_metadata")))
                        .isEqualTo(StrictJson.object("before", config));
            }
            assertThat(after.metadata()).containsEntry("format", "pt");
            for (String name : before.names()) {
                assertThat(after.read(name)).as(name).isEqualTo(before.read(name));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> theConfigurationSurvivesARoundTripInPeftLayout() throws IOException {
        return cases().stream()
                .filter(one -> one.layout().equals("peft"))
                .map(one -> dynamicTest(one.name(), () -> {
                    LoraFiles.write(
                            new PeftLayout(),
                            folder.resolve(one.name()),
                            one.read(),
                            BaseModules.unknown(),
                            one.dtype());
                    assertThat(StrictJson.object(folder.resolve(one.name()).resolve(PeftLayout.CONFIG_NAME)))
                            .isEqualTo(StrictJson.object(one.path().resolve(PeftLayout.CONFIG_NAME)));
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyAdapterFitsItsModelAndIsInspected() throws IOException {
        return cases().stream()
                .map(one -> dynamicTest(one.name(), () -> {
                    assertThat(one.base().fit(one.name(), one.read()))
                            .hasSameSizeAs(one.read().pairs());
                    Inspection inspection = Inspection.of(one.path(), LoraFiles.builtIn());
                    assertThat(inspection.what() + inspection.lines())
                            .containsIgnoringCase(one.layout().split("-")[0])
                            .contains("loaded by: ");
                    IntSummaryStatistics ranks = one.read().pairs().values().stream()
                            .mapToInt(LoraPair::rank)
                            .summaryStatistics();
                    assertThat(inspection.lines())
                            .anyMatch(line -> line.matches("rank: " + ranks.getMin() + "\\b.*")
                                    && line.matches(".*\\b" + ranks.getMax() + "\\b.*"));
                }));
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(Files::isDirectory).sorted().toList();
        }
    }

    @TestFactory
    Stream<DynamicTest> theTinyCheckpointsAreInspected() throws IOException {
        Path pipelines = GoldenRoot.path().resolve("pipelines");
        if (!Files.isDirectory(pipelines)) {
            return abort("no golden checkpoints: " + pipelines + " is absent");
        }
        return children(pipelines).stream()
                .map(checkpoint -> dynamicTest(checkpoint.getFileName().toString(), () -> {
                    Inspection whole = Inspection.of(checkpoint, LoraFiles.builtIn());
                    assertThat(whole.what()).contains("checkpoint folder", "Pipeline");
                    assertThat(whole.lines()).anyMatch(line -> line.startsWith("\"vae\": \"AutoencoderKL\", "));
                    assertThat(Inspection.of(checkpoint.resolve("vae"), LoraFiles.builtIn())
                                    .what())
                            .contains("a VAE");
                    assertThat(Inspection.of(checkpoint.resolve("text_encoder"), LoraFiles.builtIn())
                                    .what())
                            .contains("a CLIP text encoder");
                }));
    }
}
