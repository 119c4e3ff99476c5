package org.imagerl.latent.testing;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/** Loads the adapters of golden/lora into their checkpoint and compares what the denoiser then gives. */
public final class LoraCheck {
    private static final double LIMIT = 1e-4;

    private LoraCheck() {}

    /**
     * A test for each adapter {@code lora/FAMILY-LAYOUT}, on {@code pipelines/FAMILY-tiny}; those of other families are skipped.
     *
     * @param sample name of the denoiser's latents in {@code FAMILY-expected.safetensors}
     * @param factories of the families
     * @param scratch an empty folder
     */
    public static Stream<DynamicTest> tests(String sample, List<PipelineFactory> factories, Path scratch)
            throws IOException {
        return GoldenFolder.tests("lora/*-*/*.safetensors", file -> {
            Path adapter = file.getParent();
            Path lora = adapter.getParent();
            String name = adapter.getFileName().toString();
            String family = name.substring(0, name.indexOf('-'));
            Path checkpoint = lora.resolveSibling("pipelines").resolve(family + "-tiny");
            return Stream.of(dynamicTest(name, () -> {
                Assumptions.assumeTrue(Files.isDirectory(checkpoint), checkpoint + " is absent");
                Optional<PipelineFactory> factory = factories.stream()
                        .filter(one -> one.recognises(checkpoint))
                        .findFirst();
                Assumptions.assumeTrue(factory.isPresent(), checkpoint + " is not of this module");
                Path expected = lora.resolve(family + "-expected.safetensors");
                check(adapter, checkpoint, expected, sample, factory.orElseThrow(), scratch.resolve(name + "-merged"));
            }));
        });
    }

    private static void check(
            Path adapter, Path checkpoint, Path expected, String sample, PipelineFactory factory, Path merged)
            throws IOException {
        try (Pipeline pipeline = factory.open(checkpoint, PipelineCheck.options());
                NDManager manager = pipeline.manager().newSubManager()) {
            Map<String, NDArray> golden = ArrayFile.read(expected, manager);
            ModelCase.requireClose("out_base", output(pipeline, golden, sample), golden.get("out_base"), LIMIT);
            pipeline.loadLora(adapter, 1);
            ModelCase.requireClose("out_lora", output(pipeline, golden, sample), golden.get("out_lora"), LIMIT);
            pipeline.save(merged, "float32");
            try (Pipeline again = factory.open(merged, PipelineCheck.options())) {
                ModelCase.requireClose(
                        "merged checkpoint", output(again, golden, sample), golden.get("out_lora"), LIMIT);
            }
        }
    }

    private static NDArray output(Pipeline pipeline, Map<String, NDArray> golden, String sample) {
        double[] timesteps =
                golden.get("timestep").toType(DataType.FLOAT64, false).toDoubleArray();
        return Gradients.off(() -> pipeline.denoise(golden.get(sample), timesteps, golden));
    }
}
