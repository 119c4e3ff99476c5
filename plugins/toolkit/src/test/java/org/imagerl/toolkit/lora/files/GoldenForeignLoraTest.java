package org.imagerl.toolkit.lora.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.toolkit.safetensors.GoldenRoot;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Files with the layer names of other tools: {@code lora-foreign/NAME.safetensors} is an adapter, {@code NAME.expected} the change of every weight of
 * the model at strength 1, by the path of the weight.
 */
class GoldenForeignLoraTest {
    private static final String EXPECTED = ".expected";
    private static final double RELATIVE = 1e-5;

    private static Stream<Path> cases() throws IOException {
        Path root = GoldenRoot.path().resolve("lora-foreign");
        if (!Files.isDirectory(root)) {
            return abort("no adapters of other tools: " + root + " is absent");
        }
        try (Stream<Path> found = Files.list(root)) {
            return found.filter(path -> path.toString().endsWith(".safetensors")).sorted().toList().stream();
        }
    }

    @TestFactory
    Stream<DynamicTest> everyWeightChangesAsInTheToolThatMadeTheFile() throws IOException {
        return cases().map(path -> dynamicTest(String.valueOf(path.getFileName()), () -> check(path)));
    }

    private static void check(Path path) {
        Path expected = path.resolveSibling(path.getFileName().toString().replace(".safetensors", EXPECTED));
        try (SafetensorsFile changes = SafetensorsFile.open(expected)) {
            Map<String, Shape> weights = new TreeMap<>();
            changes.entries().forEach(entry -> weights.put(entry.name().replaceFirst("\\.weight$", ""), entry.shape()));
            BaseModules base = BaseModules.of(weights);
            Map<String, LoraPair> fitted =
                    base.fit(path.toString(), LoraFiles.builtIn().read(path, base));
            assertThat(fitted.keySet()).isEqualTo(weights.keySet());
            fitted.forEach((layer, pair) -> assertSame(layer, Updates.of(pair), changes.floats(layer + ".weight")));
        }
    }

    private static void assertSame(String layer, double[] actual, float[] expected) {
        assertThat(actual).as(layer).hasSameSizeAs(expected);
        double largest = 0;
        int worst = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            worst = Math.abs(actual[i] - expected[i]) > Math.abs(actual[worst] - expected[worst]) ? i : worst;
        }
        assertThat(Math.abs(actual[worst] - expected[worst]))
                .as("%s at index %d", layer, worst)
                .isLessThanOrEqualTo(RELATIVE * largest);
    }

    @TestFactory
    Stream<DynamicTest> inspectSaysThatTheyAreReadHere() throws IOException {
        return cases().map(path -> dynamicTest(String.valueOf(path.getFileName()), () -> {
            Inspection found = Inspection.of(path, LoraFiles.builtIn());
            assertThat(found.what()).startsWith("a LoRA in ");
            assertThat(found.lines())
                    .anyMatch(line -> line.startsWith("loaded by: ") && line.contains("imagerl"))
                    .noneMatch(line -> line.contains("unknown component"));
        }));
    }
}
