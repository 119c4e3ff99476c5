package org.imagerl.flow.pretrain;

import java.util.List;
import org.imagerl.latent.pretrain.PretrainPlan;

/**
 * The configuration of {@code pretrain} for SD3-type checkpoints.
 *
 * @param width of the images in pixels
 * @param height of the images in pixels
 * @param seed of weights, data and noise
 * @param data what is learned
 * @param vae the autoencoder and its training
 * @param textEncoders either of the two text encoders, trained together with the denoiser
 * @param transformer the denoiser and its training
 * @param shift of the times, in training and sampling: above 1 is noisier; published checkpoints of 1024 pixels have 3
 * @param saveEvery steps between two saved states, from which an interrupted run goes on
 * @param dtype of the checkpoint that is written: {@code float32} or {@code float16}
 */
record Sd3PretrainConfig(
        int width,
        int height,
        long seed,
        PretrainPlan.Data data,
        PretrainPlan.Vae vae,
        PretrainPlan.TextEncoder textEncoders,
        Transformer transformer,
        double shift,
        int saveEvery,
        String dtype) {

    /**
     * @param patch height and width of the patches of a latent that become tokens
     * @param layers joint blocks
     * @param heads attention heads
     * @param headWidth numbers of each head
     * @param times at which it learns
     * @param steps updates
     * @param batch images per update
     * @param learningRate peak of AdamW's rate, after which it follows a cosine to 0
     * @param emaDecay of the averaged weights, which are what is saved
     * @param promptDropout share of images that are learned without their prompt, for guidance
     */
    public record Transformer(
            int patch,
            int layers,
            int heads,
            int headWidth,
            Times times,
            int steps,
            int batch,
            double learningRate,
            double emaDecay,
            double promptDropout) {
        /** E, the width of the tokens. */
        int width() {
            return heads * headWidth;
        }
    }

    /** How times of training are drawn, before the shift. */
    public enum Times {
        /** Evenly over 0 to 1. */
        UNIFORM,
        /** Most in the middle: the logistic function of a standard normal number. */
        LOGIT_NORMAL
    }

    /** The shipped word checkpoint. */
    static Sd3PretrainConfig defaults() {
        return new Sd3PretrainConfig(
                64,
                32,
                0,
                new PretrainPlan.Data(null, 20_000, 100),
                new PretrainPlan.Vae(List.of(16, 32, 64), 4, 1, 8, 1_200, 32, 2e-3, 1e-3),
                new PretrainPlan.TextEncoder(64, 2, 4, 24),
                new Transformer(2, 6, 4, 32, Times.LOGIT_NORMAL, 1_000, 64, 1e-3, 0.995, 0.1),
                1,
                250,
                "float16");
    }
}
