package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.StepNoise;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * A kernel with fewer steps or other noise. The last steps alone are for samples that begin with a noised image: state 0 is made of the image and noise
 * as {@link #mixture} says.
 *
 * @param whole all steps
 * @param first the one that is made first
 * @param noise of the steps; null is Gaussian
 */
public record DerivedKernel(
        TransitionKernel whole, int first, @Nullable StepNoise noise) implements TransitionKernel {

    /**
     * The steps of a strength.
     *
     * @param made the kernel of so many steps
     * @throws UserException if the strength leaves no step
     */
    static TransitionKernel of(TransitionKernel made, Schedule schedule, int steps, double strength) {
        int begin = begin(made, schedule, steps, strength);
        return begin == 0 ? made : new DerivedKernel(made, begin, made.noise());
    }

    /** The step of the kernel that is made first. */
    static int begin(TransitionKernel made, Schedule schedule, int steps, double strength) {
        int begin = schedule.begin(steps, strength);
        if (begin >= steps) {
            throw UserException.input(
                    "strength: " + strength + " of " + steps + " steps is none; take a higher strength or more steps");
        }
        // Where a rule calls the denoiser twice in a step, its kernel has as many steps.
        int calls = (made.steps() + steps - 1) / steps;
        return begin * calls;
    }

    /** The same steps with noise of a distribution. */
    public static TransitionKernel with(StepNoise noise, TransitionKernel made) {
        return noise.isGaussian() ? made : new DerivedKernel(made, 0, noise);
    }

    @Override
    public int steps() {
        return whole.steps() - first;
    }

    @Override
    public double startStd() {
        return first == 0 ? whole.startStd() : 1;
    }

    @Override
    public double timestep(int step) {
        return whole.timestep(first + step);
    }

    @Override
    public double std(int step) {
        return whole.std(first + step);
    }

    @Override
    public double meanPerOutput(int step) {
        return whole.meanPerOutput(first + step);
    }

    @Override
    public double stepSize(int step) {
        return whole.stepSize(first + step);
    }

    @Override
    public double ratioNormFactor(int step) {
        return whole.ratioNormFactor(first + step);
    }

    @Override
    public boolean clips() {
        return whole.clips();
    }

    @Override
    public boolean isMarkov() {
        return whole.isMarkov();
    }

    @Override
    public NDArray clean(int step, NDArray latents, NDArray output) {
        return whole.clean(first + step, latents, output);
    }

    @Override
    public Mixture mixture(int step) {
        return whole.mixture(first + step);
    }

    @Override
    public NDArray mean(int step, NDArray latents, NDArray output) {
        return whole.mean(first + step, latents, output);
    }

    @Override
    public Advance advance(int step, NDArray latents, NDArray output, List<NDArray> history) {
        return whole.advance(first + step, latents, output, history);
    }
}
