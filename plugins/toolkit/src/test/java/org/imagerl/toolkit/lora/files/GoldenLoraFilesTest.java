package org.imagerl.toolkit.lora.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.GoldenRoot;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.StrictJson;
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
            return LoraFiles.read(path, base);
        }
    }

    private static List<Case> cases() throws IOException {
        Path root = GoldenRoot.path();
        if (!Files.isDirectory(root.resolve("lora"))) {
            return abort("no golden adapters: " + root.resolve("lora") + " is absent");
        }
        try (Stream<Path> found = Files.list(root.resolve("lora"))) {
            return found.filter(Files::isDirectory)
                    .sorted()
                    .map(path -> toCase(root, path))
                    .toList();
        }
    }

    private static Case toCase(Path root, Path path) {
        String name = path.getFileName().toString();
        String family = name.substring(0, name.indexOf('-'));
        return new Case(name, path, BaseModules.ofFolder(root.resolve("pipelines/" + family + "-tiny")));
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
                    LoraFiles.writeKohya(
                            written.resolve("lora.safetensors"), weights, DType.F32, Map.of(), BaseModules.unknown());
                case "peft" -> LoraFiles.writePeft(written, weights, DType.F32);
                default -> LoraFiles.writeDiffusers(written, weights, DType.F32);
            }
            assertThat(tensors(written)).isEqualTo(tensors(to.path()));
            assertThat(LoraFiles.read(written, to.base()).pairs().keySet())
                    .isEqualTo(weights.pairs().keySet());
        });
    }

    @TestFactory
    Stream<DynamicTest> kohyasLayoutIsTheSameUpdateOfTheWeights() throws IOException {
        return cases().stream()
                .map(one -> dynamicTest(one.name(), () -> {
                    LoraWeights weights = one.read();
                    Path written = folder.resolve(one.name() + "-kohya.safetensors");
                    LoraFiles.writeKohya(written, weights, DType.F32, Map.of(), one.base());
                    LoraWeights read = LoraFiles.read(written, one.base());
                    assertThat(read.pairs().keySet()).isEqualTo(weights.pairs().keySet());
                    weights.pairs()
                            .forEach((path, pair) ->
                                    assertSameUpdate(path, pair, read.pairs().get(path)));
                }));
    }

    private static Map<String, String> tensors(Path folder) {
        Path path = Files.exists(folder.resolve(PeftLayout.FILE_NAME))
                ? folder.resolve(PeftLayout.FILE_NAME)
                : LoraFiles.file(folder);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
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
        Path again = LoraFiles.writeDiffusers(folder.resolve(one.name()), one.read(), DType.F32);
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
                    LoraFiles.writePeft(folder.resolve(one.name()), one.read(), DType.F32);
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
                    Inspection inspection = Inspection.of(one.path());
                    assertThat(inspection.what() + inspection.lines())
                            .containsIgnoringCase(one.layout().split("-")[0])
                            .contains("rank: 4")
                            .contains("loaded by: ");
                }));
    }

    @TestFactory
    Stream<DynamicTest> theTinyCheckpointsAreInspected() throws IOException {
        cases();
        return Stream.of("sd-tiny", "sd3-tiny")
                .map(name -> dynamicTest(name, () -> {
                    Path checkpoint = GoldenRoot.path().resolve("pipelines").resolve(name);
                    Inspection whole = Inspection.of(checkpoint);
                    assertThat(whole.what()).contains("checkpoint folder", "Pipeline");
                    assertThat(whole.lines()).anyMatch(line -> line.startsWith("\"vae\": \"AutoencoderKL\", "));
                    assertThat(Inspection.of(checkpoint.resolve("vae")).what()).contains("a VAE");
                    assertThat(Inspection.of(checkpoint.resolve("text_encoder")).what())
                            .contains("a CLIP text encoder");
                }));
    }
}
