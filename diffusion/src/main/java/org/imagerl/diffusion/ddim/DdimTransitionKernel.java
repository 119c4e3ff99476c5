package org.imagerl.diffusion.ddim;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.imagerl.diffusion.schedule.DdimStep;
import org.imagerl.diffusion.schedule.NoiseLevel;
import org.imagerl.diffusion.schedule.PredictionType;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * {@link DdimStep}s over tensors: the coefficients in double, the mean in the dtype of the latents.
 *
 * @param stages the steps, noisiest first
 * @param startStd standard deviation of the noise at the beginning
 */
record DdimTransitionKernel(List<Stage> stages, double startStd) implements TransitionKernel {

    /**
     * One step.
     *
     * @param timestep at which the denoiser is asked
     * @param size in fractions of the whole way
     * @param from the noise level at which it begins
     * @param step what it does
     */
    record Stage(double timestep, double size, NoiseLevel from, DdimStep step) {}

    @Override
    public int steps() {
        return stages.size();
    }

    @Override
    public double timestep(int step) {
        return stages.get(step).timestep();
    }

    @Override
    public double std(int step) {
        return stages.get(step).step().std();
    }

    @Override
    public double meanPerOutput(int step) {
        return stages.get(step).step().meanFromOutput();
    }

    @Override
    public double stepSize(int step) {
        return stages.get(step).size();
    }

    @Override
    public boolean clips() {
        return stages.get(0).step().clipRange().isPresent();
    }

    @Override
    public Mixture mixture(int step) {
        NoiseLevel level = stages.get(step).from();
        return new Mixture(level.alpha(), level.sigma());
    }

    @Override
    public NDArray clean(int step, NDArray latents, NDArray output) {
        PredictionType.Coefficients predicted = stages.get(step).step().prediction();
        return Kernels.combine(latents, predicted.x0FromSample(), output, predicted.x0FromOutput());
    }

    @Override
    public NDArray mean(int step, NDArray latents, NDArray output) {
        DdimStep s = stages.get(step).step();
        if (s.clipRange().isEmpty()) {
            return Kernels.combine(latents, s.meanFromSample(), output, s.meanFromOutput());
        }
        double range = s.clipRange().get();
        NDArray free = clean(step, latents, output);
        NDArray eps = Kernels.combine(
                latents, s.prediction().epsFromSample(), output, s.prediction().epsFromOutput());
        return Kernels.combine(Kernels.clamp(free, -range, range), s.onX0(), eps, s.onEps());
    }
}
