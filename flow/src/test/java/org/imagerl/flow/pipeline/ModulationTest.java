package org.imagerl.flow.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.flow.testing.TinyCheckpoints;
import org.imagerl.spi.Context;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is added to the embedding of time and pooled text: where controls come in. */
class ModulationTest {
    @TempDir
    private Path folder;

    @Test
    void sd3TakesOne() throws IOException {
        check(StableDiffusion3.FAMILY, TinyCheckpoints.sd3(folder.resolve("checkpoint")));
    }

    @Test
    void fluxTakesOne() throws IOException {
        check(Flux.FAMILY, TinyCheckpoints.flux(folder.resolve("checkpoint"), "schnell"));
    }

    private static void check(PipelineFactory family, Path checkpoint) {
        for (boolean checkpointing : new boolean[] {false, true}) {
            Context context = new Context(Path.of("."), "cpu", 2, warning -> {});
            try (Pipeline pipeline =
                    family.open(checkpoint, new PipelineFactory.Options("float32", checkpointing, context))) {
                assertThat(pipeline.modulationWidth()).isPositive();
                float[] plain = output(pipeline, -1);
                assertThat(output(pipeline, 0)).isEqualTo(plain);
                assertThat(output(pipeline, 1)).isNotEqualTo(plain);
                assertThat(gradient(pipeline)).isNotZero();
            }
        }
    }

    /** @param level of all elements of the modulation; negative is none */
    private static float[] output(Pipeline pipeline, int level) {
        float[][] output = new float[1][];
        Scope.run(() -> output[0] = Gradients.off(() -> {
            Map<String, NDArray> conditioning = conditioning(pipeline);
            if (level >= 0) {
                conditioning.put(Pipeline.MODULATION, modulation(pipeline, level));
            }
            return denoise(pipeline, conditioning).toFloatArray();
        }));
        return output[0];
    }

    private static float gradient(Pipeline pipeline) {
        float[] gradient = new float[1];
        Scope.run(() -> Gradients.record(recording -> {
            NDArray modulation = modulation(pipeline, 0);
            modulation.setRequiresGradient(true);
            Map<String, NDArray> conditioning = conditioning(pipeline);
            conditioning.put(Pipeline.MODULATION, modulation);
            recording.backward(denoise(pipeline, conditioning).sum());
            gradient[0] = modulation.getGradient().toFloatArray()[0];
            return modulation;
        }));
        return gradient[0];
    }

    private static NDArray modulation(Pipeline pipeline, int level) {
        return pipeline.manager().full(new Shape(1, pipeline.modulationWidth()), (float) level);
    }

    private static Map<String, NDArray> conditioning(Pipeline pipeline) {
        return new TreeMap<>(pipeline.encode(pipeline.manager(), List.of("the cat"), List.of(), pipeline.defaultSize())
                .positive());
    }

    private static NDArray denoise(Pipeline pipeline, Map<String, NDArray> conditioning) {
        long[] shape = pipeline.latentShape(32, 32);
        NDArray latents = Kernels.randn(pipeline.manager(), 1, new Shape(1, shape[0], shape[1], shape[2]));
        return pipeline.denoise(latents, new double[] {500}, conditioning);
    }
}
