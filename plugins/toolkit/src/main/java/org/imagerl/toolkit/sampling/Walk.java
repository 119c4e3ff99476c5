package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.recipe.GaussianNoise;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Steps of a batch, with the weights that are in force.
 *
 * @param policy that is asked
 * @param kernel of the steps
 * @param latentShape {@code [c, h, w]}
 * @param keep what of the way is kept
 * @param beginning the image that the batch began with, or null
 * @param lead what steps in the place of the policy, or null
 */
record Walk(
        GuidedPolicy policy,
        TransitionKernel kernel,
        long[] latentShape,
        Sampler.Keep keep,
        @Nullable Beginning beginning,
        @Nullable Lead lead) {

    /**
     * Makes the steps in the place of the policy.
     *
     * @param policy that is asked for the steps
     * @param trajectories the same states as those of the walk, conditioned on what leads
     */
    record Lead(GuidedPolicy policy, Trajectories trajectories) {}

    /**
     * Makes some steps. Kernels with a history have no noise, so that a walk that goes on at the first noisy step needs none.
     *
     * @param trajectories whose state {@code from} is there; gets the others
     * @param manager owns what is made
     * @param seeds of the noise of the steps
     * @param onStep takes the number of the step after each
     */
    void make(Trajectories trajectories, NDManager manager, long[] seeds, int from, int to, IntConsumer onStep) {
        try (History history = new History(manager)) {
            for (int step = from; step < to; step++) {
                advance(trajectories, manager, seeds, step, history);
                dropUnneeded(trajectories, step);
                onStep.accept(step + 1);
            }
        }
    }

    /**
     * Takes given states for the first ones, up to that before a step, with the densities that the policy gives them.
     *
     * @param trajectories whose first state is there
     * @param state by step, float32 {@code [B, c, h, w]}
     * @param to the first step that is made
     */
    void hold(Trajectories trajectories, NDManager manager, IntFunction<NDArray> state, int to, IntConsumer onStep) {
        for (int step = 0; step < to; step++) {
            int held = step;
            Scope.run(() -> {
                NDArray next = state.apply(held + 1);
                put(trajectories, manager, held, next);
                if (recorded(held)) {
                    record(trajectories, manager, held, next, mean(held, trajectories));
                }
            });
            dropUnneeded(trajectories, step);
            onStep.accept(step + 1);
        }
    }

    private void dropUnneeded(Trajectories trajectories, int step) {
        if (keep == Sampler.Keep.LAST || (keep != Sampler.Keep.PATH && !noisy(step) && !noisy(step - 1))) {
            Objects.requireNonNull(trajectories.states().set(step, null)).close();
        }
    }

    private boolean noisy(int step) {
        return step >= 0 && kernel.std(step) > 0;
    }

    private void advance(Trajectories trajectories, NDManager manager, long[] seeds, int step, History history) {
        double std = kernel.std(step);
        Scope.run(() -> {
            NDArray taken = lead == null
                    ? mean(policy, step, trajectories, history)
                    : mean(lead.policy, step, lead.trajectories, history);
            NDArray free = std > 0 ? Kernels.combine(taken, 1, noise(manager, seeds, step), std) : taken;
            NDArray next = beginning == null ? free : beginning.held(kernel, step, free);
            put(trajectories, manager, step, next);
            if (recorded(step)) {
                record(trajectories, manager, step, next, lead == null ? taken : mean(step, trajectories));
            }
        });
    }

    private static void put(Trajectories trajectories, NDManager manager, int step, NDArray next) {
        next.attach(manager);
        trajectories.states().set(step + 1, Scope.keep(next));
    }

    private boolean recorded(int step) {
        return keep != Sampler.Keep.LAST && kernel.std(step) != 0;
    }

    /** Keeps how likely the transition is. */
    private void record(Trajectories trajectories, NDManager manager, int step, NDArray next, NDArray mean) {
        double std = kernel.std(step);
        NDArray density = GaussianNoise.of(kernel).logDensity(next, mean, std);
        density.attach(manager);
        trajectories.logDensities().set(step, Scope.keep(density));
        if (keep == Sampler.Keep.NOISE || keep == Sampler.Keep.PATH) {
            // Not the noise that was drawn: what is left of it after rounding, so that training finds the same
            // number to the bit.
            NDArray noise = TransitionLikelihood.noise(next, mean, std);
            noise.attach(manager);
            trajectories.noises().set(step, Scope.keep(noise));
        }
    }

    private NDArray noise(NDManager manager, long[] seeds, int step) {
        return Noise.ofStep(manager, GaussianNoise.of(kernel), step, seeds, latentShape);
    }

    /** The mean under the policy: kernels with noise have no history. */
    private NDArray mean(int step, Trajectories trajectories) {
        NDArray latents = trajectories.state(step);
        return kernel.mean(step, latents, policy.output(latents, times(step, trajectories), trajectories));
    }

    private double[] times(int step, Trajectories trajectories) {
        double[] timesteps = new double[trajectories.size()];
        Arrays.fill(timesteps, kernel.timestep(step));
        return timesteps;
    }

    private NDArray mean(GuidedPolicy asked, int step, Trajectories trajectories, History history) {
        NDArray latents = trajectories.state(step);
        NDArray output = asked.output(latents, times(step, trajectories), trajectories);
        TransitionKernel.Advance advance = kernel.advance(step, latents, output, history.arrays());
        history.replace(advance.history());
        return advance.mean();
    }
}
