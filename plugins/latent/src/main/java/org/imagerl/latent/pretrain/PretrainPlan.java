package org.imagerl.latent.pretrain;

import java.util.List;
import org.imagerl.images.ExifOrientation;
import org.imagerl.spi.FormerName;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * A pretraining, whatever the family.
 *
 * @param width of the images in pixels
 * @param height of the images in pixels
 * @param patch height and width of the parts of a latent that the denoiser sees, in latent elements
 * @param seed of weights, data and noise
 * @param data what is learned
 * @param vae the autoencoder and its training
 * @param denoiser the training of denoiser and text encoders
 * @param saveEvery steps between two saved states, from which an interrupted run goes on
 * @param dtype of the checkpoint that is written: {@code float32} or {@code float16}
 */
public record PretrainPlan(
        int width,
        int height,
        int patch,
        long seed,
        Data data,
        Vae vae,
        DenoiserFit denoiser,
        int saveEvery,
        String dtype) {

    /**
     * @param steps updates
     * @param batch images per update
     * @param learningRate peak of AdamW's rate, after which it follows a cosine to 0
     * @param emaDecay of the averaged weights, which are what is saved
     * @param promptDropout share of images that are learned without their prompt, for guidance
     */
    public record DenoiserFit(int steps, int batch, double learningRate, double emaDecay, double promptDropout) {}

    /**
     * @param folder images with captions; without it the generated word set is learned
     * @param images how many different images of the word set there are
     * @param heldOut how many of the strings 000..999 are kept out of training
     * @param exifOrientation whether photographs of the folder are turned as they ask for
     */
    public record Data(
            @Nullable String folder, @FormerName("pictures") int images, int heldOut, ExifOrientation exifOrientation) {
        /** With images as they are stored. */
        public Data(@Nullable String folder, int images, int heldOut) {
            this(folder, images, heldOut, ExifOrientation.IGNORE);
        }
    }

    /**
     * @param channels of each level, finest first; all but the last halve the size
     * @param latentChannels channels of the latents
     * @param layersPerBlock residual blocks per level of the encoder; the decoder has one more
     * @param normGroups groups of the group norms
     * @param steps updates
     * @param batch images per update
     * @param learningRate peak of AdamW's rate, after which it follows a cosine to 0
     * @param klWeight weight of the divergence of the latents from a standard normal, per latent element
     */
    public record Vae(
            List<Integer> channels,
            int latentChannels,
            int layersPerBlock,
            int normGroups,
            int steps,
            int batch,
            double learningRate,
            double klWeight) {}

    /**
     * @param width of the residual stream
     * @param layers transformer layers
     * @param heads attention heads
     * @param maxLength tokens of a prompt, begin and end included
     */
    public record TextEncoder(int width, int layers, int heads, int maxLength) {}

    /** Checks the size of the images and the dtype. */
    public PretrainPlan {
        int multiple = patch * downscale(vae);
        if (width % multiple != 0 || height % multiple != 0) {
            throw UserException.input("width and height must be multiples of " + multiple + " (a VAE of "
                    + vae.channels().size() + " levels" + (patch == 1 ? "" : " and patches of " + patch)
                    + "), not " + width + " x " + height);
        }
        if (!dtype.equals("float16") && !dtype.equals("float32")) {
            throw UserException.input("dtype must be float32 or float16, not " + dtype);
        }
    }

    /** Pixels per latent element along one side. */
    public int downscale() {
        return downscale(vae);
    }

    private static int downscale(Vae vae) {
        return 1 << (vae.channels().size() - 1);
    }
}
