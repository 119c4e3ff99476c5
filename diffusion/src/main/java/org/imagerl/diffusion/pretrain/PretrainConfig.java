package org.imagerl.diffusion.pretrain;

import java.util.List;
import org.imagerl.latent.pretrain.PretrainPlan;

/**
 * The configuration of {@code pretrain} for Stable-Diffusion-1-type checkpoints.
 *
 * @param width of the images in pixels
 * @param height of the images in pixels
 * @param seed of weights, data and noise
 * @param data what is learned
 * @param vae the autoencoder and its training
 * @param textEncoder the text encoder, trained together with the denoiser
 * @param unet the denoiser and its training
 * @param saveEvery steps between two saved states, from which an interrupted run goes on
 * @param dtype of the checkpoint that is written: {@code float32} or {@code float16}
 */
record PretrainConfig(
        int width,
        int height,
        long seed,
        PretrainPlan.Data data,
        PretrainPlan.Vae vae,
        PretrainPlan.TextEncoder textEncoder,
        Unet unet,
        int saveEvery,
        String dtype) {

    /**
     * @param channels of each level, finest first
     * @param layersPerBlock residual blocks with a transformer each, per level
     * @param heads attention heads
     * @param normGroups groups of the group norms
     * @param steps updates
     * @param batch images per update
     * @param learningRate peak of AdamW's rate, after which it follows a cosine to 0
     * @param emaDecay of the averaged weights, which are what is saved
     * @param promptDropout share of images that are learned without their prompt, for guidance
     */
    public record Unet(
            List<Integer> channels,
            int layersPerBlock,
            int heads,
            int normGroups,
            int steps,
            int batch,
            double learningRate,
            double emaDecay,
            double promptDropout) {}

    /** The shipped word checkpoint. */
    static PretrainConfig defaults() {
        return new PretrainConfig(
                64,
                32,
                0,
                new PretrainPlan.Data(null, 20_000, 100),
                new PretrainPlan.Vae(List.of(16, 32, 64), 4, 1, 8, 1_500, 32, 2e-3, 1e-3),
                new PretrainPlan.TextEncoder(64, 2, 4, 32),
                new Unet(List.of(32, 64), 2, 4, 8, 4_000, 64, 1e-3, 0.995, 0.1),
                250,
                "float16");
    }
}
