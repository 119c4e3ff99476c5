package org.imagerl.flow.pipeline;

import java.nio.file.Path;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.latent.checkpoint.ClipTextConfig;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.latent.pipeline.ComponentCompatibility;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.spi.UserException;

/** Whether the components of a checkpoint were made for each other, see {@link ComponentCompatibility}. */
final class FlowComponentCompatibility {

    private FlowComponentCompatibility() {}

    /**
     * Checks the widths at which SD3's components meet.
     *
     * @param t5 whether there is a third text encoder
     */
    static void check(OpenCheckpoint open, Sd3Config config, boolean t5) {
        Path checkpoint = open.path();
        int latent = latentChannels(open);
        same(checkpoint, "in_channels", config.inChannels(), "vae/config.json: latent_channels", latent);
        same(checkpoint, "out_channels", config.outChannels(), "vae/config.json: latent_channels", latent);
        ClipTextConfig one = ClipTextConfig.read(open.config("text_encoder"));
        ClipTextConfig two = ClipTextConfig.read(open.config("text_encoder_2"));
        int pooled = one.projectionDim() + two.projectionDim();
        same(
                checkpoint,
                "pooled_projection_dim",
                config.pooledWidth(),
                "text_encoder + text_encoder_2: projection_dim",
                pooled);
        int width = one.hiddenSize() + two.hiddenSize();
        if (width > config.textWidth()) {
            throw UserException.input(
                    checkpoint + "/transformer/config.json: joint_attention_dim is " + config.textWidth()
                            + ", but text_encoder + text_encoder_2: hidden_size is " + width
                            + "; take all components from the same checkpoint");
        }
        if (t5) {
            t5Width(open, config.textWidth(), "text_encoder_3");
        }
    }

    /** Checks the widths at which FLUX's components meet. */
    static void check(OpenCheckpoint open, FluxConfig config) {
        Path checkpoint = open.path();
        int patch = FluxConfig.PATCH * FluxConfig.PATCH * latentChannels(open);
        same(checkpoint, "in_channels", config.inChannels(), "4 x vae/config.json: latent_channels", patch);
        same(checkpoint, "out_channels", config.outChannels(), "4 x vae/config.json: latent_channels", patch);
        ClipTextConfig clip = ClipTextConfig.read(open.config("text_encoder"));
        same(
                checkpoint,
                "pooled_projection_dim",
                config.pooledWidth(),
                "text_encoder/config.json: hidden_size",
                clip.hiddenSize());
        t5Width(open, config.textWidth(), "text_encoder_2");
    }

    private static int latentChannels(OpenCheckpoint open) {
        return VaeConfig.read(open.config("vae")).latentChannels();
    }

    private static void t5Width(OpenCheckpoint open, int textWidth, String component) {
        T5Config t5 = T5Config.read(open.config(component));
        same(open.path(), "joint_attention_dim", textWidth, component + "/config.json: d_model", t5.width());
    }

    private static void same(Path checkpoint, String key, int value, String other, int expected) {
        ComponentCompatibility.same(checkpoint, "transformer", key, value, other, expected);
    }
}
