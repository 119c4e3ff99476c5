package org.imagerl.latent;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.latent.checkpoint.ClipTextConfig;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.latent.clip.ClipTextModel;
import org.imagerl.latent.clip.SimilarityConfig;
import org.imagerl.latent.clip.SimilarityModel;
import org.imagerl.latent.clip.TextEncoding;
import org.imagerl.latent.testing.ArrayFile;
import org.imagerl.latent.testing.GoldenFolder;
import org.imagerl.latent.testing.ModelCase;
import org.imagerl.latent.testing.ModelCheck;
import org.imagerl.latent.testing.ModelCheck.Model;
import org.imagerl.latent.vae.AutoencoderKl;
import org.imagerl.latent.vae.Moments;
import org.imagerl.latent.vae.PiecewiseVae;
import org.imagerl.latent.vae.Vae;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Our networks against diffusers and transformers: outputs and gradients of every case of golden/models of this module's kinds. */
class GoldenLatentModelsTest {
    @TestFactory
    Stream<DynamicTest> everyCaseHasThePublishedOutputsAndGradients() throws IOException {
        return ModelCheck.all(GoldenLatentModelsTest::tests);
    }

    /** Against diffusers' {@code enable_tiling} and {@code enable_slicing}, on images and latents of more than a tile. */
    @TestFactory
    Stream<DynamicTest> everyAutoencoderWorksInTilesAsPublished() throws IOException {
        return GoldenFolder.tests("models/*/tiles.safetensors", file -> {
            Path folder = file.getParent();
            return Stream.of(dynamicTest(folder.getFileName() + " in tiles", () -> inTiles(folder)));
        });
    }

    private static void inTiles(Path folder) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            ModelCase golden = ModelCase.read(folder, manager);
            ParameterStore network = new ParameterStore("vae");
            VaeConfig config = VaeConfig.read(golden.config());
            Vae vae = PiecewiseVae.of(new AutoencoderKl(network, config, Checkpointing.FALSE), config, true, true);
            golden.load(network, manager, DataType.FLOAT32);
            Map<String, NDArray> tensors = ArrayFile.read(folder.resolve("tiles.safetensors"), manager);
            Map<String, NDArray> outputs =
                    Gradients.off(() -> run(vae, tensors.get("in.image"), tensors.get("in.latent")));
            outputs.forEach((name, actual) ->
                    ModelCase.requireClose(name, actual, tensors.get("out." + name), golden.forwardTolerance()));
        }
    }

    private static Stream<DynamicTest> tests(ModelCheck check, Path folder) {
        return switch (ModelCheck.kind(folder)) {
            case "vae" -> check.tests(folder, GoldenLatentModelsTest::vae);
            case "clip_text", "clip_text_projection" -> check.test(folder, GoldenLatentModelsTest::clip);
            case "clip", "siglip" -> check.wide(folder, GoldenLatentModelsTest::similarity);
            default -> check.none(folder);
        };
    }

    private static Model vae(ParameterStore network, Path config, boolean checkpointing) {
        AutoencoderKl vae = new AutoencoderKl(network, VaeConfig.read(config), Checkpointing.of(checkpointing));
        return inputs -> run(vae, inputs.get("image"), inputs.get("latent"));
    }

    private static Map<String, NDArray> run(Vae vae, NDArray image, NDArray latent) {
        Moments moments = vae.encode(image);
        return Map.of("mean", moments.mean(), "logvar", moments.logvar(), "image", vae.decode(latent));
    }

    private static Model similarity(ParameterStore network, Path config) {
        SimilarityModel model = new SimilarityModel(network, SimilarityConfig.read(config));
        return inputs -> Map.of(
                "image_embeds", model.images(inputs.get("pixel_values")),
                "text_embeds", model.texts(inputs.get("input_ids")));
    }

    private static Model clip(ParameterStore network, Path config) {
        ClipTextModel clip = new ClipTextModel(network, ClipTextConfig.read(config));
        return inputs -> {
            TextEncoding encoding = clip.forward(inputs.get("input_ids"));
            Map<String, NDArray> outputs = new HashMap<>();
            outputs.put("last_hidden_state", encoding.lastHiddenState());
            outputs.put("penultimate_hidden_state", encoding.penultimateHiddenState());
            outputs.put("pooler_output", encoding.pooled());
            encoding.projected().ifPresent(projected -> outputs.put("text_embeds", projected));
            return outputs;
        };
    }
}
