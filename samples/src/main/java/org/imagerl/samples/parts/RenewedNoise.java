package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Steps of the same length in time, for every kind of schedule. A step predicts the image {@code x0} and the noise {@code eps}, renews a part of the
 * noise, and mixes both as the schedule says for its end: {@code x' = alpha' x0 + sigma' (sqrt(1 - share^2) eps + share z)}.
 *
 * @param share of the noise that a step renews, 0 (deterministic) to 1
 */
record RenewedNoise(double share) implements Dynamics {
    RenewedNoise {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be from 0 to 1");
        }
    }

    @Override
    public boolean stochastic() {
        return share > 0;
    }

    /** The last step ends without noise, so that it has none to renew. */
    @Override
    public void check(int steps) {
        if (stochastic() && steps < 2) {
            throw UserException.input("rollout.steps: must be at least 2, because the last step adds no noise");
        }
    }

    @Override
    public TransitionKernel kernel(Schedule schedule, int steps) {
        check(steps);
        double[] times = IntStream.range(0, steps)
                .mapToDouble(step -> schedule.timestep(1 - (double) step / steps))
                .toArray();
        return new Kernel(
                times,
                IntStream.range(0, steps)
                        .mapToObj(step -> step(
                                schedule.at(times[step]),
                                step + 1 < steps ? schedule.at(times[step + 1]) : new AlphaSigma(1, 0, 0, 0)))
                        .toList());
    }

    /** Solves {@code x = alpha x0 + sigma eps, o = onX0 x0 + onEps eps} for x0 and eps. */
    private Step step(AlphaSigma from, AlphaSigma to) {
        double determinant = from.alpha() * from.onEps() - from.sigma() * from.onX0();
        double kept = to.sigma() * Math.sqrt(1 - share * share);
        double perLatent = (to.alpha() * from.onEps() - kept * from.onX0()) / determinant;
        double perOutput = (kept * from.alpha() - to.alpha() * from.sigma()) / determinant;
        return new Step(from, perLatent, perOutput, to.sigma() * share, from.time() - to.time());
    }

    /** The mean of the next state is {@code perLatent x + perOutput o}, where o is the denoiser's output for the state x. */
    private record Step(AlphaSigma from, double perLatent, double perOutput, double std, double size) {}

    private record Kernel(double[] times, List<Step> all) implements TransitionKernel {
        @Override
        public int steps() {
            return all.size();
        }

        @Override
        public double timestep(int step) {
            return times[step];
        }

        @Override
        public double std(int step) {
            return all.get(step).std();
        }

        @Override
        public double meanPerOutput(int step) {
            return all.get(step).perOutput();
        }

        @Override
        public double stepSize(int step) {
            return all.get(step).size();
        }

        @Override
        public NDArray mean(int step, NDArray latents, NDArray output) {
            Step made = all.get(step);
            return Kernels.combine(latents, made.perLatent(), output, made.perOutput());
        }

        @Override
        public NDArray clean(int step, NDArray latents, NDArray output) {
            AlphaSigma from = all.get(step).from();
            double determinant = from.alpha() * from.onEps() - from.sigma() * from.onX0();
            return Kernels.combine(latents, from.onEps() / determinant, output, from.cleanPerOutput());
        }

        /** So that sampling can begin at an image; a rule that leaves this out begins with pure noise only. */
        @Override
        public Mixture mixture(int step) {
            AlphaSigma from = all.get(step).from();
            return new Mixture(from.alpha(), from.sigma());
        }
    }
}
