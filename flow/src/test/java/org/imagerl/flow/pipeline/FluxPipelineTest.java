package org.imagerl.flow.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.flux.FluxTransformer;
import org.imagerl.flow.testing.TinyCheckpoints;
import org.imagerl.latent.testing.ModelCase;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.CloseImages;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightVariant;
import org.imagerl.toolkit.sampling.ImageSampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FluxPipelineTest {
    private static final PipelineFactory.Model USUAL = new PipelineFactory.Model(null, 16);

    @TempDir
    Path folder;

    private Pipeline open(String variant, PipelineFactory.Model model) throws IOException {
        TinyCheckpoints.flux(folder, variant);
        return open(folder, model);
    }

    private static Pipeline open(Path folder, PipelineFactory.Model model) {
        Context context = new Context(Path.of("."), "cpu", 2, warning -> {});
        return Flux.FAMILY.open(folder, new PipelineFactory.Options("float32", false, model, context));
    }

    private static Map<String, NDArray> encoded(Pipeline pipeline) {
        return Gradients.off(
                () -> pipeline.encode(pipeline.manager(), List.of("a cat", "cats"), List.of(), new ImageSize(16, 16))
                        .positive());
    }

    @Test
    void thePromptIsT5sTokensClipsPooledStateAndTheGuidanceScale() throws IOException {
        try (Pipeline pipeline = open("dev", USUAL)) {
            Map<String, NDArray> conditioning = encoded(pipeline);
            assertThat(conditioning.get("encoder_hidden_states").getShape()).isEqualTo(new Shape(2, 16, 32));
            assertThat(conditioning.get("pooled_projections").getShape()).isEqualTo(new Shape(2, 24));
            assertThat(conditioning.get("guidance").toFloatArray()).containsExactly(3.5f, 3.5f);
        }
    }

    @Test
    void withoutASettingPromptsHave512Tokens() throws IOException {
        try (Pipeline pipeline = open("schnell", PipelineFactory.Model.USUAL)) {
            Map<String, NDArray> conditioning = encoded(pipeline);
            assertThat(conditioning.get("encoder_hidden_states").getShape()).isEqualTo(new Shape(2, 512, 32));
            assertThat(conditioning).doesNotContainKey("guidance");
        }
    }

    @Test
    void theGuidanceScaleChangesThePrediction() throws IOException {
        try (Pipeline usual = open("dev", USUAL);
                Pipeline stronger = open(folder, new PipelineFactory.Model(7.0, 16))) {
            NDArray latents = Kernels.randn(usual.manager(), 3, new Shape(2, 16, 4, 4));
            assertThat(encoded(stronger).get("guidance").toFloatArray()).containsExactly(7, 7);
            assertThat(denoise(stronger, latents)).isNotEqualTo(denoise(usual, latents));
        }
    }

    @Test
    void aGuidanceScaleForAModelThatIsToldNoneIsRefused() {
        assertThatThrownBy(() -> open("schnell", new PipelineFactory.Model(3.5, null)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("model.embedded_guidance is 3.5")
                .hasMessageContaining("no embedding of a guidance scale");
    }

    @Test
    void patchesHoldTheirFourElementsChannelByChannel() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray latents =
                    manager.arange(2 * 4 * 6).toType(DataType.FLOAT32, false).reshape(1, 2, 4, 6);
            NDArray packed = FluxDenoiser.packed(latents);
            assertThat(packed.getShape()).isEqualTo(new Shape(1, 6, 8));
            // Second row of patches, last column: rows 2 and 3, columns 4 and 5 of both channels.
            assertThat(packed.get("0, 5").toFloatArray()).containsExactly(16, 17, 22, 23, 40, 41, 46, 47);
            assertThat(FluxDenoiser.unpacked(packed, latents.getShape())).isEqualTo(latents);
        }
    }

    @Test
    void theNetworkSeesPatchesByRowAndColumn() throws IOException {
        try (Pipeline pipeline = open("dev", USUAL);
                NDManager manager = pipeline.manager().newSubManager()) {
            NDArray latents = Kernels.randn(manager, 3, new Shape(2, 16, 4, 6));
            float[][] places = {{0, 0, 0}, {0, 0, 1}, {0, 0, 2}, {0, 1, 0}, {0, 1, 1}, {0, 1, 2}};
            NDArray expected = Gradients.off(() -> {
                FluxTransformer transformer = transformer(manager);
                NDArray times = manager.full(new Shape(2), 0.7f);
                NDArray patches = transformer.forward(
                        FluxDenoiser.packed(latents),
                        times,
                        encoded(pipeline),
                        new FluxTransformer.Places(manager.create(places), manager.zeros(new Shape(16, 3))));
                return FluxDenoiser.unpacked(patches, latents.getShape());
            });
            ModelCase.requireClose("velocity", denoise(pipeline, latents), expected, 1e-6);
        }
    }

    private FluxTransformer transformer(NDManager manager) {
        Path transformer = folder.resolve("transformer");
        ParameterStore network = new ParameterStore("transformer");
        FluxTransformer made = new FluxTransformer(network, FluxConfig.read(transformer.resolve("config.json")), false);
        try (WeightFiles files = WeightFiles.open(transformer, "diffusion_pytorch_model", WeightVariant.PLAIN)) {
            NetworkWeights.load(network, files, manager, DataType.FLOAT32, UnaryOperator.identity());
        }
        return made;
    }

    private static NDArray denoise(Pipeline pipeline, NDArray latents) {
        return Gradients.off(() -> pipeline.denoise(latents, new double[] {700, 700}, encoded(pipeline)));
    }

    @Test
    void largerImagesHaveMoreNoise() throws IOException {
        try (Pipeline pipeline = open("dev", USUAL)) {
            double small =
                    new OdeDynamics().kernel(pipeline.schedule(16, 16), 4).timestep(1);
            double large =
                    new OdeDynamics().kernel(pipeline.schedule(512, 256), 4).timestep(1);
            assertThat(large).isGreaterThan(small);
            // mu of 64 x 128 patches: 0.5 + 0.65 (8192 - 256) / 3840; diffusers' exponential form of 3/4.
            double factor = Math.exp(0.5 + 0.65 * (8192 - 256) / 3840);
            assertThat(large).isCloseTo(1000 * factor / (factor + 1 / 0.75 - 1), within(1e-6));
        }
    }

    @Test
    void aImageDependsOnItsPromptAndSeedAlone() throws IOException {
        try (Pipeline pipeline = open("dev", USUAL)) {
            ImageSampler sampler =
                    new ImageSampler(pipeline, new OdeDynamics(), new ImageSampler.Settings(3, 1, "", 24, 16));
            List<RgbImage> images = sampler.images(List.of(Prompt.of("0", "a cat"), Prompt.of("1", "cats")), 4, 4);
            RgbImage alone = sampler.images(List.of(Prompt.of("1", "cats")), 4).get(0);
            assertThat(images.get(1).width()).isEqualTo(24);
            assertThat(images.get(1).height()).isEqualTo(16);
            CloseImages.requireWithinOneByte("beside another, and alone", images.get(1), alone);
            assertThat(images.get(0).rgb()).isNotEqualTo(alone.rgb());
        }
    }

    @Test
    void sizesThatAreNotWholePatchesAreRefused() throws IOException {
        try (Pipeline pipeline = open("schnell", USUAL)) {
            assertThat(pipeline.latentShape(20, 12)).containsExactly(16, 6, 10);
            assertThatThrownBy(() -> pipeline.latentShape(18, 12))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("multiples of 4, not 18 x 12");
            assertThat(pipeline.defaultSize()).isEqualTo(new ImageSize(256, 256));
        }
    }

    @Test
    void aCheckpointWithoutT5IsRefused() throws IOException {
        TinyCheckpoints.flux(folder, "dev");
        TinyCheckpoints.edit(
                folder.resolve("model_index.json"),
                json -> json.replaceFirst("(?s)\"text_encoder_2\": \\[.*?\\]", "\"text_encoder_2\": [null, null]"));
        assertThatThrownBy(() -> open(folder, USUAL))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has no component \"text_encoder_2\"");
    }

    @Test
    void componentsOfDifferentWidthsAreRefused() throws IOException {
        TinyCheckpoints.flux(folder, "dev");
        TinyCheckpoints.edit(
                folder.resolve("transformer/config.json"),
                json -> json.replace("\"joint_attention_dim\": 32", "\"joint_attention_dim\": 48"));
        assertThatThrownBy(() -> open(folder, USUAL))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("joint_attention_dim is 48, but text_encoder_2/config.json: d_model is 32");
    }

    @Test
    void weightsThatTheConfigurationDoesNotFitAreNamed() throws IOException {
        TinyCheckpoints.flux(folder, "dev");
        TinyCheckpoints.edit(
                folder.resolve("transformer/config.json"),
                json -> json.replace("\"guidance_embeds\": true", "\"guidance_embeds\": false"));
        assertThatThrownBy(() -> open(folder, USUAL))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("time_text_embed.guidance_embedder.linear_1.bias");
    }
}
