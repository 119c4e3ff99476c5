package org.imagerl.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.TransitionKernel;

/**
 * The simplest sampler with noise, {@code x' = x - h v + S z} with the denoiser's output v: the times of its steps go down evenly from 1 to 0.
 *
 * @param steps T; h is 1 / T
 * @param std S of the first step, which halves from step to step; 0 is without noise
 */
record StraightKernel(int steps, double std) implements TransitionKernel {

    @Override
    public double timestep(int step) {
        return 1 - (double) step / steps;
    }

    @Override
    public double std(int step) {
        return std / (1 << step);
    }

    @Override
    public double meanPerOutput(int step) {
        return -stepSize(step);
    }

    @Override
    public double stepSize(int step) {
        return 1.0 / steps;
    }

    @Override
    public Mixture mixture(int step) {
        return new Mixture(1 - timestep(step), timestep(step));
    }

    @Override
    public NDArray clean(int step, NDArray latents, NDArray output) {
        return plus(latents, output, -timestep(step));
    }

    @Override
    public NDArray mean(int step, NDArray latents, NDArray output) {
        return plus(latents, output, -stepSize(step));
    }

    /** The factor is in memory of the engine's own, as all must be that a gradient goes through. */
    private static NDArray plus(NDArray latents, NDArray output, double factor) {
        return latents.add(output.mul(latents.getManager().full(new Shape(1), (float) factor)));
    }
}
