package org.imagerl.latent.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.Context;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.TensorEntry;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Writes the checkpoints of golden/single-files, and compares with the files that they are from. */
public final class SingleFileCheck {
    /** Beside the weights in 8 bits, and no longer needed where they are written in 16. */
    private static final String SCALE = ".scale_weight";

    private SingleFileCheck() {}

    /**
     * Tests for each file, those of other families are skipped: written at once, it is the same file; written as a folder, which is opened and written
     * as a single file, it has the same numbers.
     *
     * @param scratch an empty folder
     */
    public static Stream<DynamicTest> tests(List<PipelineFactory> families, Path scratch) throws IOException {
        return GoldenFolder.tests("single-files/*/case.json", file -> {
            Path folder = file.getParent();
            String name = String.valueOf(folder.getFileName());
            return Stream.of(dynamicTest(name, () -> check(folder, families, scratch.resolve(name))));
        });
    }

    private static void check(Path folder, List<PipelineFactory> families, Path scratch) throws IOException {
        Path original = folder.resolve("checkpoint.safetensors");
        PipelineFactory family = families.stream()
                .filter(one -> one.recognises(original))
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(family != null, original + " is not of this module");
        Files.createDirectories(scratch);
        Path again = scratch.resolve("again.safetensors");
        Path diffusers = scratch.resolve("folder");
        try (Pipeline pipeline = Objects.requireNonNull(family).open(original, options(components(folder)))) {
            pipeline.saveSingleFile(again, "");
            pipeline.save(diffusers, "float32");
        }
        same(original, again, true);
        Path fromFolder = scratch.resolve("from-folder.safetensors");
        try (Pipeline pipeline = family.open(diffusers, options(Map.of()))) {
            pipeline.saveSingleFile(fromFolder, "");
        }
        same(original, fromFolder, false);
    }

    /** What the call of a case names beside its file. */
    static Map<String, Path> components(Path folder) throws IOException {
        JsonNode call = new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("case.json")));
        Map<String, Path> components = new TreeMap<>();
        call.path("components")
                .properties()
                .forEach(component -> components.put(
                        component.getKey(), folder.resolve(component.getValue().asString())));
        return components;
    }

    private static PipelineFactory.Options options(Map<String, Path> components) {
        Context context = new Context(Path.of("."), "cpu", 1, warning -> {});
        return new PipelineFactory.Options(
                "float32", false, new PipelineFactory.Model(null, null, components), context);
    }

    /** @param whole whether everything of the file must be there, in its types; else the weights alone */
    private static void same(Path original, Path written, boolean whole) {
        try (SafetensorsFile before = SafetensorsFile.open(original);
                SafetensorsFile after = SafetensorsFile.open(written)) {
            for (TensorEntry entry : before.entries()) {
                if (!entry.name().endsWith(SCALE) && (whole || after.has(prefixed(entry.name(), after)))) {
                    same(before, after, entry, whole);
                }
            }
            if (whole) {
                assertThat(before.names()).containsAll(after.names());
            } else {
                assertThat(after.names().stream().filter(name -> before.has(bare(name, before))))
                        .as("weights of the file")
                        .hasSizeGreaterThan(20);
            }
        }
    }

    private static void same(SafetensorsFile before, SafetensorsFile after, TensorEntry entry, boolean whole) {
        String name = prefixed(entry.name(), after);
        assertThat(after.entry(name).shape()).as(name).isEqualTo(entry.shape());
        String scale = entry.name().replaceFirst("\\.weight$", SCALE);
        float factor = entry.dtype().isEighth() && before.has(scale) ? before.floats(scale)[0] : 1;
        if (whole && !entry.dtype().isEighth()) {
            assertThat(after.entry(name).dtype()).as(name).isEqualTo(entry.dtype());
            assertThat(after.read(name)).as(name).isEqualTo(before.read(entry.name()));
            return;
        }
        float[] wanted = before.floats(entry.name());
        float[] found = after.floats(name);
        // A product with a scale is rounded to bfloat16 where a single file is written as it was.
        float tolerance = factor == 1 || after.entry(name).dtype() == DType.F32 ? 0 : 1 / 256f;
        int worst = 0;
        float largest = 0;
        for (int i = 0; i < wanted.length; i++) {
            float value = wanted[i] * factor;
            float excess = Math.abs(found[i] - value) - tolerance * Math.abs(value);
            if (!(excess <= largest)) {
                largest = excess;
                worst = i;
            }
        }
        assertThat(largest)
                .as(name + ", worst index " + worst + ": " + found[worst] + " in place of " + wanted[worst] * factor)
                .isZero();
    }

    /** A denoiser alone has no prefix, of a whole checkpoint it has one. */
    private static String prefixed(String name, SafetensorsFile file) {
        return file.has(name) ? name : "model.diffusion_model." + name;
    }

    private static String bare(String name, SafetensorsFile file) {
        return file.has(name) ? name : name.replaceFirst("^model\\.diffusion_model\\.", "");
    }
}
