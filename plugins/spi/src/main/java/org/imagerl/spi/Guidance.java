package org.imagerl.spi;

import ai.djl.ndarray.NDArray;

/** Part of rollouts: how the denoiser's outputs for the negative prompt and for the prompt become the one that a step is made with. */
public interface Guidance {

    /**
     * Whether the negative prompt counts at a time. Where it does not, the output for the prompt stands by itself; where it counts for no sample of a
     * batch, the denoiser is not asked about it.
     *
     * @param time share of the noise, {@link AlphaSigma#time}: 0 (clean) to 1 (noise)
     */
    default boolean guides(double time) {
        return true;
    }

    /**
     * The guided output, differentiable in both.
     *
     * @param negative float32 {@code [B, c, h, w]}, for the negative prompts
     * @param positive float32 {@code [B, c, h, w]}, for the prompts
     * @param scale {@code guidance}, not 1
     * @return float32 {@code [B, c, h, w]}; of a sample it depends on that sample alone
     */
    NDArray output(NDArray negative, NDArray positive, double scale);
}
