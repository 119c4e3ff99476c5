package org.imagerl.flow.supervised;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Several steps from the beginning of one step of a sampler without noise to its end. With {@code y = x / (alpha + sigma)} and {@code tau = sigma / (alpha +
 * sigma)} every model is a flow, {@code y = (1 - tau) x0 + tau eps}, whose velocity {@code v = eps - x0} follows from the denoiser's output; a step of Euler's
 * method is {@code y' = y + (tau' - tau) v}. A single step is that of the sampler: Euler of a flow, and DDIM of a diffusion model.
 *
 * @param step index of the sampler's step
 * @param timesteps at which the denoiser is asked, in its unit: at equal distances, the first is where the step begins
 * @param levels coefficients of image and noise at these times
 * @param end those of image and noise where the step ends
 */
record SubSteps(int step, List<Double> timesteps, List<AlphaSigma> levels, Mixture end) {

    /** Copies the lists. */
    SubSteps {
        timesteps = List.copyOf(timesteps);
        levels = List.copyOf(levels);
    }

    /**
     * Divides a step of the sampler of some rollouts.
     *
     * @param calls of the denoiser, at least 1
     */
    static SubSteps of(Policy policy, Trajectories rollouts, int step, int calls) {
        TransitionKernel kernel = rollouts.kernel();
        Schedule schedule = policy.schedule();
        double from = kernel.timestep(step);
        double to = step + 1 < kernel.steps() ? kernel.timestep(step + 1) : 0;
        List<Double> timesteps = new ArrayList<>();
        List<AlphaSigma> levels = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            double timestep = i == 0 ? from : schedule.nearest(from + (to - from) * i / calls);
            timesteps.add(timestep);
            levels.add(schedule.at(timestep));
        }
        return new SubSteps(step, timesteps, levels, end(rollouts, step, levels.get(0)));
    }

    /** What the sampler's step makes of a state whose output is perfect: its mean is linear in both. */
    private static Mixture end(Trajectories rollouts, int step, AlphaSigma from) {
        TransitionKernel kernel = rollouts.kernel();
        NDArray one = rollouts.state(step).getManager().ones(new Shape(1, 1, 1, 1), DataType.FLOAT64);
        double onLatent = kernel.mean(step, one, one.zerosLike()).getDouble();
        double onOutput = kernel.meanPerOutput(step);
        return new Mixture(
                onLatent * from.alpha() + onOutput * from.onX0(), onLatent * from.sigma() + onOutput * from.onEps());
    }

    /**
     * Where the walk from the stored state arrives, with guidance if the rollouts have it: float32 {@code [B, c, h, w]}, a constant.
     *
     * @param weights of the denoiser
     */
    NDArray walk(Policy policy, WeightSet weights, Trajectories rollouts) {
        NDArray x = rollouts.state(step);
        for (int i = 0; i < levels.size(); i++) {
            double[] times = new double[rollouts.size()];
            Arrays.fill(times, timesteps.get(i));
            NDArray output = policy.output(weights, x, times, rollouts);
            boolean last = i + 1 == levels.size();
            x = last
                    ? moved(x, output, levels.get(i), end.alpha(), end.sigma())
                    : moved(
                            x,
                            output,
                            levels.get(i),
                            levels.get(i + 1).alpha(),
                            levels.get(i + 1).sigma());
        }
        return x;
    }

    /** A step to the coefficients {@code alpha} and {@code sigma}; the velocity is {@code ((alpha + sigma) o - (onX0 + onEps) x) / (alpha onEps - sigma onX0)}. */
    private static NDArray moved(NDArray x, NDArray output, AlphaSigma at, double alpha, double sigma) {
        double sum = at.alpha() + at.sigma();
        double moved = sigma / (alpha + sigma) - at.time();
        double determinant = at.alpha() * at.onEps() - at.sigma() * at.onX0();
        double onLatent = 1 / sum - moved * (at.onX0() + at.onEps()) / determinant;
        double onOutput = moved * at.velocityPerOutput();
        return Kernels.combine(x, (alpha + sigma) * onLatent, output, (alpha + sigma) * onOutput);
    }
}
