package org.imagerl.diffusion.pipeline;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.UserException;

/**
 * A UNet that paints into images (9 channels): it is given the latents, a mask of 1 channel and the latents of the masked image, side by side.
 *
 * @param unet that takes all channels
 */
record PaintingUnet(UNet unet) implements Denoiser.Forward {

    /** Whether a UNet takes so many channels more than it makes. */
    static boolean takesMask(UnetConfig config) {
        return config.inChannels() == 2 * config.outChannels() + 1;
    }

    @Override
    public boolean paintsIn() {
        return true;
    }

    @Override
    public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        NDArray masked = conditioning.get(Pipeline.MASKED_IMAGE);
        if (masked == null) {
            throw UserException.input(
                    "the denoiser of this checkpoint paints into images (StableDiffusionInpaintPipeline): it needs an"
                            + " image and a mask (sample: --image and --mask; train: the fields image and mask of the"
                            + " prompts); give them, or take a text-to-image checkpoint");
        }
        return unet.forward(latents.concat(masked, 1), timesteps, conditioning);
    }
}
