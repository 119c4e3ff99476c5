package org.imagerl.diffusion.solver;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.imagerl.diffusion.schedule.NoiseLevel;
import org.imagerl.diffusion.schedule.PredictionType;
import org.imagerl.diffusion.schedule.SigmaGrid;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * A multistep rule on a grid: the denoiser's output becomes a prediction of the clean latents; from this prediction and
 * earlier ones the rule computes the next latents.
 *
 * @param grid of the run
 * @param prediction meaning of the denoiser's output
 * @param rule of the steps
 */
record SolverKernel(SigmaGrid grid, PredictionType prediction, Rule rule) implements TransitionKernel {

    /** One step as a function of what it is given. */
    interface Rule {
        /**
         * The next latents and what the step after needs.
         *
         * @param latents float32 {@code [B, c, h, w]}, before the step
         * @param x0 float32 {@code [B, c, h, w]}, the clean latents as predicted from them
         * @param history what the step before left; empty at the beginning
         */
        Advance next(int step, NDArray latents, NDArray x0, List<NDArray> history);
    }

    @Override
    public int steps() {
        return grid.steps();
    }

    @Override
    public double timestep(int step) {
        return grid.timestep(step);
    }

    @Override
    public double std(int step) {
        return 0;
    }

    @Override
    public boolean isMarkov() {
        return false;
    }

    @Override
    public double stepSize(int step) {
        return 1.0 / grid.steps();
    }

    @Override
    public double startStd() {
        return grid.startStd();
    }

    @Override
    public Mixture mixture(int step) {
        NoiseLevel level = grid.level(step);
        return new Mixture(level.alpha(), level.sigma());
    }

    @Override
    public double meanPerOutput(int step) {
        throw noTransition();
    }

    @Override
    public NDArray mean(int step, NDArray latents, NDArray output) {
        throw noTransition();
    }

    private static IllegalStateException noTransition() {
        return new IllegalStateException("a multistep rule has no transition of one step alone");
    }

    @Override
    public Advance advance(int step, NDArray latents, NDArray output, List<NDArray> history) {
        PredictionType.Coefficients on = prediction.at(grid.level(step));
        NDArray x0 = Kernels.combine(latents, on.x0FromSample(), output, on.x0FromOutput());
        return rule.next(step, latents, x0, history);
    }
}
