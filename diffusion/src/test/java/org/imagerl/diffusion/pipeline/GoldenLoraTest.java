package org.imagerl.diffusion.pipeline;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.diffusion.testing.ArrayFile;
import org.imagerl.diffusion.testing.GoldenFolder;
import org.imagerl.diffusion.testing.ModelCase;
import org.imagerl.spi.Pipeline;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** LoRA files of every layout on pipelines/sd-tiny give what diffusers and PEFT give. */
class GoldenLoraTest {
    private static final double LIMIT = 1e-4;

    @TempDir
    Path scratch;

    @TestFactory
    Stream<DynamicTest> everyLayoutGivesTheSameOutput() throws IOException {
        return GoldenFolder.tests("lora/sd-*/*.safetensors", file -> {
            Path adapter = file.getParent();
            Path checkpoint = adapter.resolve("../../pipelines/sd-tiny").normalize();
            return Stream.of(dynamicTest(String.valueOf(adapter.getFileName()), () -> {
                Assumptions.assumeTrue(Files.isDirectory(checkpoint), checkpoint + " is absent");
                check(adapter, checkpoint);
            }));
        });
    }

    private void check(Path adapter, Path checkpoint) throws IOException {
        try (Pipeline pipeline = new StableDiffusionFactory().open(checkpoint, GoldenPipelinesTest.options());
                NDManager manager = pipeline.manager().newSubManager()) {
            Map<String, NDArray> golden =
                    ArrayFile.read(adapter.resolve("../sd-expected.safetensors").normalize(), manager);
            ModelCase.requireClose("out_base", output(pipeline, golden), golden.get("out_base"), LIMIT);
            pipeline.loadLora(adapter, 1);
            ModelCase.requireClose("out_lora", output(pipeline, golden), golden.get("out_lora"), LIMIT);
            Path merged = scratch.resolve(adapter.getFileName() + "-merged");
            pipeline.save(merged, "float32");
            try (Pipeline again = new StableDiffusionFactory().open(merged, GoldenPipelinesTest.options())) {
                ModelCase.requireClose("merged checkpoint", output(again, golden), golden.get("out_lora"), LIMIT);
            }
        }
    }

    private static NDArray output(Pipeline pipeline, Map<String, NDArray> golden) {
        double[] timesteps = Arrays.stream(
                        golden.get("timestep").toType(DataType.INT64, false).toLongArray())
                .mapToDouble(t -> t)
                .toArray();
        return Gradients.off(() -> pipeline.denoise(
                golden.get("sample"), timesteps, Map.of("encoder_hidden_states", golden.get("encoder_hidden_states"))));
    }
}
