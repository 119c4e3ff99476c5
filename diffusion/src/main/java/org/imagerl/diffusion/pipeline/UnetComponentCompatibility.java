package org.imagerl.diffusion.pipeline;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.latent.checkpoint.ClipTextConfig;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.latent.pipeline.ComponentCompatibility;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.spi.UserException;

/** Whether the components of a checkpoint were made for each other, see {@link ComponentCompatibility}. */
final class UnetComponentCompatibility {
    private UnetComponentCompatibility() {}

    /**
     * Checks the widths at which components meet.
     *
     * @param textEncoders their folders, whose hidden states the UNet sees side by side
     * @throws UserException naming both files and what differs
     */
    static void check(OpenCheckpoint open, UnetConfig unet, VaeConfig vae, String... textEncoders) {
        Path checkpoint = open.path();
        refuseOtherInputs(checkpoint, unet.inChannels(), vae.latentChannels());
        if (!PaintingUnet.takesMask(unet)) {
            same(
                    checkpoint,
                    "in_channels",
                    unet.inChannels(),
                    "vae/config.json: latent_channels",
                    vae.latentChannels());
        }
        same(checkpoint, "out_channels", unet.outChannels(), "vae/config.json: latent_channels", vae.latentChannels());
        int width = Stream.of(textEncoders)
                .mapToInt(folder -> ClipTextConfig.read(open.config(folder)).hiddenSize())
                .sum();
        String where = String.join(" + ", textEncoders) + ": hidden_size";
        Stream.concat(unet.down().stream(), unet.up().stream())
                .filter(UnetLevel::attention)
                .forEach(level -> same(checkpoint, "cross_attention_dim", level.crossAttentionDim(), where, width));
        unet.middle()
                .filter(UnetLevel::attention)
                .ifPresent(level -> same(checkpoint, "cross_attention_dim", level.crossAttentionDim(), where, width));
    }

    /** UNets that take more than noise, known by the number of their channels. */
    private static void refuseOtherInputs(Path checkpoint, int channels, int latent) {
        String kind = switch (channels - latent) {
            case 1 -> "a UNet that also takes a depth map (StableDiffusionDepth2ImgPipeline)";
            case 4 -> "a UNet that edits images and also takes the image (StableDiffusionInstructPix2PixPipeline)";
            default -> "";
        };
        if (latent == 4 && !kind.isEmpty()) {
            throw UserException.input(checkpoint + "/unet/config.json: in_channels is " + channels + ": this is " + kind
                    + "; text-to-image needs as many as the autoencoder has"
                    + " (vae/config.json: latent_channels is " + latent + ")");
        }
    }

    private static void same(Path checkpoint, String key, int value, String other, int expected) {
        ComponentCompatibility.same(checkpoint, "unet", key, value, other, expected);
    }
}
