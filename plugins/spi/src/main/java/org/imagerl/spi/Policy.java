package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** The denoiser with its guidance, as objectives see it: never a network. */
public interface Policy {

    /**
     * The denoiser's output, after guidance. Recorded for differentiation if gradients are on and {@code weights} is
     * {@link WeightSet#LIVE}.
     *
     * @param latents float32 {@code [B, c, h, w]}
     * @param timesteps a time per sample, in the denoiser's unit
     * @param batch the samples these latents belong to, for their prompts
     * @return float32 {@code [B, c, h, w]}
     */
    NDArray output(WeightSet weights, NDArray latents, double[] timesteps, Trajectories batch);

    /** The schedule of the checkpoint: the mixture of latents and noise at each time, and the meaning of the output. */
    Schedule schedule();

    /**
     * Runs the body with some weights: what a backward pass must stand in that runs {@link #output} of these weights again. A policy whose
     * outputs are never run again need not do more.
     */
    default <T> T with(WeightSet weights, Supplier<T> body) {
        return body.get();
    }

    /** What the denoiser is conditioned on for prompts, and of the negative prompt if there is guidance. */
    default Conditioning encode(List<Prompt> prompts) {
        throw new UnsupportedOperationException("this policy takes no other prompts than those of its rollouts");
    }

    /** Images float32 {@code [B, 3, H, W]} in 0..1, of the size of the rollouts, to latents; a constant. */
    default NDArray latents(NDArray images) {
        throw new UnsupportedOperationException("this policy takes no images");
    }

    /** Latents to images: float32 {@code [B, 3, H, W]} in 0..1, clamped; differentiable. */
    default NDArray decode(NDArray latents) {
        throw new UnsupportedOperationException("this policy makes no images");
    }

    /** Runs the step's denoiser call and gives the mean of the transition, float32 {@code [B, c, h, w]}. */
    default NDArray mean(WeightSet weights, int step, Trajectories batch) {
        double[] timesteps = new double[batch.size()];
        Arrays.fill(timesteps, batch.kernel().timestep(step));
        NDArray latents = batch.state(step);
        return batch.kernel().mean(step, latents, output(weights, latents, timesteps, batch));
    }
}
