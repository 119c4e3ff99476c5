package org.imagerl.latent;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.latent.checkpoint.ClipTextConfig;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.latent.clip.ClipTextModel;
import org.imagerl.latent.clip.TextEncoding;
import org.imagerl.latent.testing.GoldenFolder;
import org.imagerl.latent.testing.ModelCheck;
import org.imagerl.latent.testing.ModelCheck.Model;
import org.imagerl.latent.vae.AutoencoderKl;
import org.imagerl.latent.vae.Moments;
import org.imagerl.toolkit.nn.ParameterStore;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Our networks against diffusers and transformers: outputs and gradients of every case of golden/models of this module's kinds. */
class GoldenLatentModelsTest {
    @TestFactory
    Stream<DynamicTest> everyCaseHasThePublishedOutputsAndGradients() throws IOException {
        return GoldenFolder.tests("models/*/case.json", file -> tests(file.getParent()));
    }

    private static Stream<DynamicTest> tests(Path folder) {
        return switch (ModelCheck.kind(folder)) {
            case "vae" -> ModelCheck.tests(folder, GoldenLatentModelsTest::vae);
            case "clip_text", "clip_text_projection" -> ModelCheck.test(folder, GoldenLatentModelsTest::clip);
            default -> ModelCheck.none(folder);
        };
    }

    private static Model vae(ParameterStore network, Path config, boolean checkpointing) {
        AutoencoderKl vae = new AutoencoderKl(network, VaeConfig.read(config), checkpointing);
        return inputs -> {
            Moments moments = vae.encode(inputs.get("image"));
            NDArray image = vae.decode(inputs.get("latent"));
            return Map.of("mean", moments.mean(), "logvar", moments.logvar(), "image", image);
        };
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
