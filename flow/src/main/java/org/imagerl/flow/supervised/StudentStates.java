package org.imagerl.flow.supervised;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.imagerl.flow.matching.Draws;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

/** Where the student learns what the teacher says: the latents that both are asked about. */
public sealed interface StudentStates {

    /** Number of passes for one micro-batch. */
    int passes(Batch batch);

    /** Calls of the teacher in a pass. */
    int teacherCalls();

    /** Whether it needs every state of a rollout stored, as {@link org.imagerl.spi.Objective.Needs#path} says. */
    boolean path();

    /** @throws UserException if rollouts of so many steps have no state to learn at */
    default void checkSteps(int steps) {}

    /** @throws UserException if the teacher cannot be asked about the states of such rollouts */
    default void check(TransitionKernel rollouts) {}

    /** How far the student without guidance is from the teacher in a pass, float64 {@code [B]}, with the graph of the live weights. */
    NDArray distances(Policy policy, WeightSet teacher, Batch batch, int pass);

    /**
     * The student's finished images, made noisy again: {@code mean_d (v_theta(x_t, t) - v_teacher(x_t, t))^2}, an error of velocities.
     *
     * @param draws times and noises per image, each a pass
     * @param times where the times are from
     */
    record Renoised(int draws, Times times) implements StudentStates {
        /** Checks the range. */
        public Renoised {
            Draws.check(draws);
        }

        @Override
        public int passes(Batch batch) {
            return draws;
        }

        @Override
        public int teacherCalls() {
            return 1;
        }

        @Override
        public boolean path() {
            return false;
        }

        @Override
        public void checkSteps(int steps) {
            times.check(steps);
        }

        @Override
        public NDArray distances(Policy policy, WeightSet teacher, Batch batch, int pass) {
            NoisedImages noised = NoisedImages.draw(policy, batch, times, pass, draws, batch.samples());
            NDArray wanted = noised.output(policy, teacher, batch);
            Trajectories unguided = Unguided.of(batch.trajectories());
            NDArray student = policy.output(WeightSet.LIVE, noised.latents(), noised.timesteps(), unguided);
            return noised.distances(student, wanted);
        }
    }

    /**
     * The states x_k that the student itself went through while it sampled, one pass for each step k of its sampler:
     *
     * <pre>
     * 1 / (2 S_k^2) mean_d (mu_theta(x_k) - y)^2
     * </pre>
     *
     * with mu the mean of the next state and S_k its standard deviation, 1 where the step adds no noise. With one call of the teacher y is its mean of the same
     * step: the divergence of the two transitions (Li et al., DiffusionOPD: A Unified Perspective of On-Policy Distillation in Diffusion Models, 2026, arXiv
     * 2605.15055), divided by the elements of a latent. With more calls y is where the teacher arrives in so many steps of Euler's method on its flow, so that the
     * student learns to make them in one (Salimans, Ho, Progressive Distillation for Fast Sampling of Diffusion Models, 2022, arXiv 2202.00512; there the
     * states are those of noisy data, and the number of steps is halved again and again).
     *
     * @param teacherCalls calls of the teacher for each step of the student; above 1 no step may add noise
     */
    record Sampled(int teacherCalls) implements StudentStates {
        /** Checks the range. */
        public Sampled {
            if (teacherCalls < 1) {
                throw new IllegalArgumentException("teacher_calls must be at least 1");
            }
        }

        @Override
        public int passes(Batch batch) {
            return batch.trajectories().kernel().steps();
        }

        @Override
        public boolean path() {
            return true;
        }

        @Override
        public void check(TransitionKernel rollouts) {
            if (teacherCalls > 1 && rollouts.clips()) {
                throw UserException.input("algorithm.objective.states.teacher_calls: is " + teacherCalls
                        + ", and the checkpoint's scheduler clips predicted latents (clip_sample), which a teacher of"
                        + " several calls does not do; set it to 1");
            }
            for (int step = 0; step < rollouts.steps() && teacherCalls > 1; step++) {
                if (rollouts.std(step) > 0) {
                    throw UserException.input("algorithm.objective.states.teacher_calls: is " + teacherCalls
                            + ", and the rollouts add noise in step " + step
                            + ", while several calls follow the path without noise; set rollout.dynamics: {type: ode},"
                            + " or set it to 1");
                }
            }
        }

        @Override
        public NDArray distances(Policy policy, WeightSet teacher, Batch batch, int pass) {
            Trajectories rollouts = batch.trajectories();
            NDArray wanted = Gradients.off(() -> teacherCalls == 1
                    ? policy.mean(teacher, pass, rollouts)
                    : SubSteps.of(policy, rollouts, pass, teacherCalls).walk(policy, teacher, rollouts));
            NDArray mean = policy.mean(WeightSet.LIVE, pass, Unguided.of(rollouts));
            NDArray difference = Kernels.cast(mean.sub(wanted), DataType.FLOAT64);
            double std = rollouts.kernel().std(pass);
            double variance = std > 0 ? std * std : 1;
            return Kernels.scale(Kernels.meanPerSample(difference.mul(difference)), 1 / (2 * variance));
        }
    }
}
