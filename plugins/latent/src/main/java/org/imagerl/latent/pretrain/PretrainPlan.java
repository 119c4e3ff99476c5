package org.imagerl.latent.pretrain;

import org.imagerl.spi.UserException;

/**
 * A pretraining, whatever the family.
 *
 * @param width of the pictures in pixels
 * @param height of the pictures in pixels
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
        PretrainConfig.Data data,
        PretrainConfig.Vae vae,
        DenoiserFit denoiser,
        int saveEvery,
        String dtype) {

    /**
     * @param steps updates
     * @param batch pictures per update
     * @param learningRate peak of AdamW's rate, after which it follows a cosine to 0
     * @param emaDecay of the averaged weights, which are what is saved
     * @param promptDropout share of pictures that are learned without their prompt, for guidance
     */
    public record DenoiserFit(int steps, int batch, double learningRate, double emaDecay, double promptDropout) {}

    /** Checks the size of the pictures and the dtype. */
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

    private static int downscale(PretrainConfig.Vae vae) {
        return 1 << (vae.channels().size() - 1);
    }
}
