package org.imagerl.toolkit.latent;

import java.util.List;

/**
 * How a latent reward is trained.
 *
 * @param features numbers at each place of its network, a multiple of 4
 * @param layers of attention
 * @param textBytes bytes of a prompt that it reads; 0 if prompts do not matter
 * @param epochs passes over the samples
 * @param batch samples of a step
 * @param learningRate at its highest; it warms up, and falls to 0 along a cosine
 * @param noise standard deviation of the noise that is added to latents, as a share of that of their channel
 * @param seed of initial weights, order and noise
 */
public record DistillationSettings(
        int features, int layers, int textBytes, int epochs, int batch, double learningRate, double noise, long seed) {
    static final int HEADS = 4;

    /** Checks the ranges. */
    public DistillationSettings {
        if (features < HEADS || features % HEADS != 0 || features > 1024) {
            throw new IllegalArgumentException("features must be a multiple of " + HEADS + ", at most 1024");
        }
        if (layers < 1 || layers > 24) {
            throw new IllegalArgumentException("layers must be from 1 to 24");
        }
        if (textBytes < 0 || textBytes > 4096) {
            throw new IllegalArgumentException("text bytes must be from 0 to 4096");
        }
        if (epochs < 1 || batch < 1) {
            throw new IllegalArgumentException("epochs and batch must be at least 1");
        }
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            throw new IllegalArgumentException("the learning rate must be above 0");
        }
        if (!(noise >= 0) || Double.isInfinite(noise)) {
            throw new IllegalArgumentException("noise must be at least 0");
        }
    }

    /** The size of the network for latents of a shape {@code [c, h, w]}. */
    LatentNetwork.Size size(List<Integer> shape) {
        return new LatentNetwork.Size(shape.get(0), shape.get(1), shape.get(2), features, layers, HEADS, textBytes);
    }
}
