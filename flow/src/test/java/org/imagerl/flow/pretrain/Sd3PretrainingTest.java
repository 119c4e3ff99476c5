package org.imagerl.flow.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.flow.pipeline.StableDiffusion3;
import org.imagerl.latent.pretrain.PretrainPlan;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.testkit.PretrainingContract;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

class Sd3PretrainingTest {

    @TempDir
    Path folder;

    private Context context() {
        return new Context(folder, "cpu", 1, warning -> {});
    }

    private Pretraining tiny(int width, int textLayers, Sd3PretrainConfig.Times times, int steps) {
        Sd3PretrainConfig config = new Sd3PretrainConfig(
                width,
                16,
                3,
                new PretrainPlan.Data(null, 10, 100),
                new PretrainPlan.Vae(List.of(8, 8), 4, 1, 4, 3, 2, 1e-3, 1e-3),
                new PretrainPlan.TextEncoder(8, textLayers, 2, 24),
                new Sd3PretrainConfig.Transformer(2, 2, 2, 8, times, steps, 2, 1e-3, 0.5, 0.5),
                1,
                100,
                "float32");
        return new Sd3PretrainingFactory().create(config, context());
    }

    private Pipeline open(Path made) {
        return StableDiffusion3.FAMILY.open(made, new PipelineFactory.Options("float32", false, context()));
    }

    /** The folder of a whole training. */
    private Path made(Pretraining pretraining) {
        Path made = folder.resolve("made");
        pretraining.run(made, (stage, done, total, detail) -> {});
        return made;
    }

    @Nested
    @ParameterizedClass
    @EnumSource
    class Contract extends PretrainingContract {
        @Parameter
        Sd3PretrainConfig.Times times;

        @Override
        protected Pretraining create(Path place) {
            return tiny(32, 2, times, 3);
        }

        @Override
        protected String last() {
            return "transformer/diffusion_pytorch_model.safetensors";
        }
    }

    @Test
    void theFolderOpensAndSeesOneTokenInThePlaceOfT5() {
        Path made = made(tiny(32, 2, Sd3PretrainConfig.Times.UNIFORM, 3));
        try (Pipeline pipeline = open(made)) {
            NDArray velocity = velocity(pipeline, List.of("a sign that says \"123\""));
            assertThat(velocity.isNaN().any().getBoolean()).isFalse();
            assertThat(velocity.abs().max().getFloat()).isPositive();
            NDArray text = pipeline.encode(pipeline.manager(), List.of("1"), List.of(), new ImageSize(32, 16))
                    .positive()
                    .get("encoder_hidden_states");
            assertThat(text).isNotNull().extracting(NDArray::getShape).isEqualTo(new Shape(1, 24 + 1, 16));
        }
    }

    @Test
    void thePredictionStartsAtZero() {
        Path made = made(tiny(32, 2, Sd3PretrainConfig.Times.UNIFORM, 0));
        try (Pipeline pipeline = open(made)) {
            assertThat(velocity(pipeline, List.of("1")).abs().max().getFloat()).isZero();
        }
    }

    /** Diffusers' pipeline of SD3 fails where the key is absent, which checkpoints of version 1 were written without. */
    @Test
    void theAutoencoderAlwaysSaysItsShiftEvenWhenSavedFromACheckpointThatDoesNot() throws IOException {
        Path made = made(tiny(32, 2, Sd3PretrainConfig.Times.UNIFORM, 0));
        Path description = made.resolve("vae/config.json");
        ObjectNode vae = StrictJson.object(description);
        assertThat(vae.path("shift_factor").asDouble(Double.NaN)).isZero();
        vae.remove("shift_factor");
        Files.writeString(description, StrictJson.indented(vae));
        try (Pipeline pipeline = open(made)) {
            pipeline.save(folder.resolve("saved"), "float32");
        }
        ObjectNode saved = StrictJson.object(folder.resolve("saved/vae/config.json"));
        assertThat(saved.path("shift_factor").asDouble(Double.NaN)).isZero();
        assertThat(saved.remove(List.of("shift_factor"))).isEqualTo(vae);
    }

    private static NDArray velocity(Pipeline pipeline, List<String> prompts) {
        NDManager manager = pipeline.manager();
        return Gradients.off(() -> {
            Map<String, NDArray> text = pipeline.encode(manager, prompts, List.of(), new ImageSize(32, 16))
                    .positive();
            NDArray latents = Kernels.randn(manager, 1, new Shape(1, 4, 8, 16));
            return pipeline.denoise(latents, new double[] {500}, text);
        });
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> tiny(34, 2, Sd3PretrainConfig.Times.UNIFORM, 3))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("multiples of 4")
                .hasMessageContaining("34 x 16");
        assertThatThrownBy(() -> tiny(32, 1, Sd3PretrainConfig.Times.UNIFORM, 3))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("text_encoders.layers");
    }
}
