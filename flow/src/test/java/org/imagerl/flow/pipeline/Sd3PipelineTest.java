package org.imagerl.flow.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.sd3.Sd3Transformer;
import org.imagerl.flow.testing.TinyCheckpoints;
import org.imagerl.latent.testing.GoldenFolder;
import org.imagerl.latent.testing.ModelCase;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightFilesWriter;
import org.imagerl.toolkit.safetensors.WeightVariant;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sd3PipelineTest {
    private static final int CLIP_TOKENS = 77;

    @TempDir
    Path scratch;

    private Path folder;

    @BeforeEach
    void name() {
        folder = scratch.resolve("checkpoint");
    }

    private static Pipeline open(Path folder, PipelineFactory.Model model) {
        Context context = new Context(Path.of("."), "cpu", 2, warning -> {});
        return StableDiffusion3.FAMILY.open(folder, new PipelineFactory.Options("float32", false, model, context));
    }

    private static Pipeline open(Path folder) {
        return open(folder, PipelineFactory.Model.USUAL);
    }

    private static Map<String, NDArray> encoded(Pipeline pipeline) {
        return Gradients.off(
                () -> pipeline.encode(pipeline.manager(), List.of("a cat"), List.of(), new ImageSize(32, 32))
                        .positive());
    }

    private static NDArray denoise(Pipeline pipeline) {
        NDArray latents = Kernels.randn(pipeline.manager(), 3, new Shape(1, 16, 8, 12));
        return Gradients.off(() -> pipeline.denoise(latents, new double[] {700}, encoded(pipeline)));
    }

    @Test
    void t5sTokensFollowClips() throws IOException {
        PipelineFactory.Model tokens = new PipelineFactory.Model(null, 16);
        try (Pipeline without = open(TinyCheckpoints.sd3(scratch.resolve("without")), tokens);
                Pipeline with = open(TinyCheckpoints.sd3WithT5(folder), tokens)) {
            NDArray zeros = encoded(without).get("encoder_hidden_states");
            NDArray whole = encoded(with).get("encoder_hidden_states");
            assertThat(whole.getShape()).isEqualTo(new Shape(1, CLIP_TOKENS + 16, 64));
            String clip = ":, :" + CLIP_TOKENS;
            String t5 = ":, " + CLIP_TOKENS + ":";
            assertThat(whole.get(clip)).isEqualTo(zeros.get(clip));
            assertThat(zeros.get(t5).abs().sum().getFloat()).isZero();
            assertThat(whole.get(t5).abs().sum().getFloat()).isPositive();
            assertThat(with.summary()).containsKey("text_encoder_3");
            assertThat(denoise(with)).isNotEqualTo(denoise(without));
        }
    }

    @Test
    void aSavedCheckpointWithT5GivesTheSame() throws IOException {
        Path saved = scratch.resolve("saved");
        try (Pipeline pipeline = open(TinyCheckpoints.sd3WithT5(folder))) {
            pipeline.save(saved, "float32");
            try (Pipeline again = open(saved)) {
                ModelCase.requireClose("saved", denoise(again), denoise(pipeline), 0);
            }
        }
    }

    @Test
    void shardedWeightsAreTheSameAsOneFile() throws IOException {
        TinyCheckpoints.sd3(folder);
        Path transformer = folder.resolve("transformer");
        try (Pipeline whole = open(folder);
                NDManager manager = NDManager.newBaseManager()) {
            NDArray expected = denoise(whole);
            ParameterStore network = new ParameterStore("transformer");
            Sd3Transformer unused =
                    new Sd3Transformer(network, Sd3Config.read(transformer.resolve("config.json")), false);
            try (WeightFiles files = WeightFiles.open(transformer, "diffusion_pytorch_model", WeightVariant.PLAIN)) {
                NetworkWeights.load(network, files, manager, DataType.FLOAT32, key -> key);
                Path sharded = TinyCheckpoints.sd3(scratch.resolve("sharded")).resolve("transformer");
                Files.delete(sharded.resolve("diffusion_pytorch_model.safetensors"));
                WeightFilesWriter.write(
                        sharded, "diffusion_pytorch_model", NetworkWeights.sources(network, DType.F32), 300_000);
                assertThat(sharded.resolve("diffusion_pytorch_model.safetensors.index.json"))
                        .exists();
            }
            try (Pipeline shards = open(scratch.resolve("sharded"))) {
                ModelCase.requireClose("sharded", denoise(shards), expected, 0);
            }
        }
    }

    @Test
    void adaptersAreOnTheJointAttentionsUnlessOtherLayersAreNamed() throws IOException {
        Path golden = GoldenFolder.own("lora/sd3-diffusers/pytorch_lora_weights.safetensors");
        TuningSpec.Lora spec = new TuningSpec.Lora(List.of(), 4, 8, List.of(), TuningSpec.Lora.Init.GAUSSIAN);
        try (Pipeline pipeline = open(TinyCheckpoints.sd3(folder));
                SafetensorsFile file = SafetensorsFile.open(golden);
                Tuning tuning = pipeline.tune(spec, 1)) {
            assertThat(tuning.parameters().keySet()).isEqualTo(new TreeSet<>(file.names()));
        }
    }

    @Test
    void theTableOfPositionsIsNotTrained() throws IOException {
        try (Pipeline pipeline = open(TinyCheckpoints.sd3(folder));
                Tuning tuning = pipeline.tune(new TuningSpec.Full(List.of()), 1)) {
            assertThat(tuning.parameters()).containsKey("transformer.pos_embed.proj.weight");
            assertThat(tuning.parameters()).doesNotContainKey("transformer.pos_embed.pos_embed");
        }
    }

    @Test
    void otherShapesThanSquaresHaveAGridOfTheirOwn() throws IOException {
        try (Pipeline pipeline = open(TinyCheckpoints.sd3(folder))) {
            assertThat(pipeline.latentShape(24, 16)).containsExactly(16, 8, 12);
            assertThat(denoise(pipeline).getShape()).isEqualTo(new Shape(1, 16, 8, 12));
        }
    }

    @Test
    void sizesThatDoNotFitAreRefused() throws IOException {
        try (Pipeline pipeline = open(TinyCheckpoints.sd3(folder))) {
            assertThatThrownBy(() -> pipeline.latentShape(30, 32))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("multiples of 4, not 30 x 32");
            assertThatThrownBy(() -> pipeline.schedule(32, 84))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("at most 80, not 32 x 84");
        }
    }

    @Test
    void aGuidanceScaleToEmbedIsRefused() throws IOException {
        TinyCheckpoints.sd3(folder);
        assertThatThrownBy(() -> open(folder, new PipelineFactory.Model(4.5, null)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("model.embedded_guidance is 4.5")
                .hasMessageContaining("rollout.guidance");
    }

    @Test
    void aCheckpointWithoutItsSecondClipIsRefused() throws IOException {
        TinyCheckpoints.sd3(folder);
        TinyCheckpoints.edit(
                folder.resolve("model_index.json"),
                json -> json.replaceFirst("(?s)\"text_encoder_2\": \\[.*?\\]", "\"text_encoder_2\": [null, null]"));
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has no component \"text_encoder_2\"")
                .hasMessageContaining("CLIPTextModelWithProjection");
    }

    @Test
    void aT5ThatIsNamedButAbsentIsRefused() throws IOException {
        TinyCheckpoints.sd3WithT5(folder);
        Files.delete(folder.resolve("text_encoder_3/model.safetensors"));
        assertThatThrownBy(() -> open(folder)).isInstanceOf(UserException.class).hasMessageContaining("text_encoder_3");
    }

    @Test
    void configurationsThatContradictThemselvesOrOthersAreRefused() throws IOException {
        Map<String, String> refusals = Map.of(
                "\"pooled_projection_dim\": 48|\"pooled_projection_dim\": 65",
                "pooled_projection_dim is 65, but text_encoder + text_encoder_2: projection_dim is 48",
                "\"joint_attention_dim\": 64|\"joint_attention_dim\": 40",
                "joint_attention_dim is 40, but text_encoder + text_encoder_2: hidden_size is 48",
                "\"in_channels\": 16|\"in_channels\": 4",
                "in_channels is 4, but vae/config.json: latent_channels is 16",
                "\"caption_projection_dim\": 24|\"caption_projection_dim\": 48",
                "\"caption_projection_dim\" is 48; it must be num_attention_heads x attention_head_dim, 3 x 8",
                "\"qk_norm\": \"rms_norm\"|\"qk_norm\": \"layer_norm\"",
                "\"qk_norm\" is \"layer_norm\"; supported",
                "\"dual_attention_layers\": [\n    0,\n    1\n  ]|\"dual_attention_layers\": [3]",
                "\"dual_attention_layers\" is [3]; expected an integer from 0 to 2",
                "\"num_layers\": 3|\"num_layers\": 4",
                "transformer_blocks.3.");
        for (Map.Entry<String, String> refusal : refusals.entrySet()) {
            String[] change = refusal.getKey().split("\\|", 2);
            Path broken = Files.createTempDirectory(scratch, "broken");
            TinyCheckpoints.sd3(broken);
            TinyCheckpoints.edit(broken.resolve("transformer/config.json"), json -> json.replace(change[0], change[1]));
            assertThatThrownBy(() -> open(broken))
                    .as(change[1])
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining(refusal.getValue());
        }
    }
}
