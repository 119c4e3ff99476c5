package org.imagerl.training.loop;

import org.imagerl.training.work.GradientExecutor;
import org.imagerl.training.work.RolloutExecutor;

/**
 * Who computes a run's work.
 *
 * @param rollouts samples and scores
 * @param gradients differentiates the objective on these rollouts
 */
public record RunExecutors(RolloutExecutor rollouts, GradientExecutor gradients) implements AutoCloseable {

    /** The workers of this process. */
    public static RunExecutors threads(OpenRun run) {
        ThreadRollouts rollouts = new ThreadRollouts(run);
        PolicyRuntime runtime = run.runtime();
        return new RunExecutors(
                rollouts,
                new ThreadGradients(runtime, run.parts().objective(), runtime.trainedPolicy(), rollouts::trajectories));
    }

    @Override
    public void close() {
        rollouts.close();
    }
}
