package org.imagerl.diffusion.pipeline;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.imagerl.diffusion.checkpoint.ClipTextConfig;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.diffusion.checkpoint.VaeConfig;
import org.imagerl.spi.UserException;

/** Whether the components of a checkpoint were made for each other: each may be sound, and the folder put together wrongly. */
public final class ComponentFit {
    private ComponentFit() {}

    /**
     * Checks the widths at which components meet.
     *
     * @param textEncoders their folders, whose hidden states the UNet sees side by side
     * @throws UserException naming both files and what differs
     */
    static void check(Path checkpoint, UnetConfig unet, VaeConfig vae, String... textEncoders) {
        same(checkpoint, "in_channels", unet.inChannels(), "vae/config.json: latent_channels", vae.latentChannels());
        same(checkpoint, "out_channels", unet.outChannels(), "vae/config.json: latent_channels", vae.latentChannels());
        int width = Stream.of(textEncoders)
                .mapToInt(folder -> ClipTextConfig.read(checkpoint.resolve(folder + "/config.json"))
                        .hiddenSize())
                .sum();
        String where = String.join(" + ", textEncoders) + ": hidden_size";
        Stream.concat(unet.down().stream(), unet.up().stream())
                .filter(UnetLevel::attention)
                .forEach(level -> same(checkpoint, "cross_attention_dim", level.crossAttentionDim(), where, width));
        same(checkpoint, "cross_attention_dim", unet.middle().crossAttentionDim(), where, width);
    }

    private static void same(Path checkpoint, String key, int value, String other, int expected) {
        same(checkpoint, "unet", key, value, other, expected);
    }

    /**
     * Checks one width at which the denoiser meets another component.
     *
     * @param denoiser its folder
     * @param key of its configuration, whose value is {@code value}
     * @param other what it must fit, whose width is {@code expected}
     */
    public static void same(Path checkpoint, String denoiser, String key, int value, String other, int expected) {
        if (value != expected) {
            throw UserException.input(checkpoint + "/" + denoiser + "/config.json: " + key + " is " + value + ", but "
                    + other + " is " + expected
                    + "; take all components from the same checkpoint (inpainting checkpoints are not supported)");
        }
    }
}
