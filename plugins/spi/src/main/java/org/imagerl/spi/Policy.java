package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;

/** The denoiser with its guidance, as objectives see it: never a network. */
public interface Policy {

    /**
     * The denoiser's output, after guidance. Recorded for differentiation if gradients are on and {@code weights} is
     * {@link WeightSet#CURRENT}.
     *
     * @param latents float32 {@code [B, c, h, w]}
     * @param timesteps a time per sample, in the denoiser's unit
     * @param batch the samples these latents belong to, for their prompts
     * @return float32 {@code [B, c, h, w]}
     */
    NDArray output(WeightSet weights, NDArray latents, double[] timesteps, Trajectories batch);

    /** What the latents are made of at each time, and what the output says of them. */
    Schedule schedule();

    /** Runs the step's denoiser call and gives the mean of the transition, float32 {@code [B, c, h, w]}. */
    default NDArray mean(WeightSet weights, int step, Trajectories batch) {
        double[] timesteps = new double[batch.size()];
        Arrays.fill(timesteps, batch.chain().timestep(step));
        NDArray latents = batch.state(step);
        return batch.chain().mean(step, latents, output(weights, latents, timesteps, batch));
    }
}
