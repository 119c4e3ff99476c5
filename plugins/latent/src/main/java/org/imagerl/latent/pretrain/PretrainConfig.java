package org.imagerl.latent.pretrain;

import java.util.List;
import org.imagerl.images.ExifOrientation;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of {@code pretrain}.
 *
 * @param width of the pictures in pixels
 * @param height of the pictures in pixels
 * @param seed of weights, data and noise
 * @param data what is learned
 * @param vae the autoencoder and its training
 * @param textEncoder the text encoder, trained together with the denoiser
 * @param unet the denoiser and its training
 * @param saveEvery steps between two saved states, from which an interrupted run goes on
 * @param dtype of the checkpoint that is written: {@code float32} or {@code float16}
 */
public record PretrainConfig(
        int width,
        int height,
        long seed,
        Data data,
        Vae vae,
        TextEncoder textEncoder,
        Unet unet,
        int saveEvery,
        String dtype) {

    /**
     * @param folder pictures with captions; without it the generated word set is learned
     * @param pictures how many different pictures of the word set there are
     * @param heldOut how many of the strings 000..999 are kept out of training
     * @param exifOrientation whether photographs of the folder are turned as they ask for
     */
    public record Data(@Nullable String folder, int pictures, int heldOut, ExifOrientation exifOrientation) {
        /** With images as they are stored. */
        public Data(@Nullable String folder, int pictures, int heldOut) {
            this(folder, pictures, heldOut, ExifOrientation.IGNORE);
        }
    }

    /**
     * @param channels of each level, finest first; all but the last halve the size
     * @param latentChannels channels of the latents
     * @param layersPerBlock residual blocks per level of the encoder; the decoder has one more
     * @param normGroups groups of the group norms
     * @param steps updates
     * @param batch pictures per update
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

    /**
     * @param channels of each level, finest first
     * @param layersPerBlock residual blocks with a transformer each, per level
     * @param heads attention heads
     * @param normGroups groups of the group norms
     * @param steps updates
     * @param batch pictures per update
     * @param learningRate peak of AdamW's rate, after which it follows a cosine to 0
     * @param emaDecay of the averaged weights, which are what is saved
     * @param promptDropout share of pictures that are learned without their prompt, for guidance
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
    public static PretrainConfig defaults() {
        return new PretrainConfig(
                64,
                32,
                0,
                new Data(null, 20_000, 100),
                new Vae(List.of(16, 32, 64), 4, 1, 8, 1_500, 32, 2e-3, 1e-3),
                new TextEncoder(64, 2, 4, 32),
                new Unet(List.of(32, 64), 2, 4, 8, 4_000, 64, 1e-3, 0.995, 0.1),
                250,
                "float16");
    }
}
