package org.imagerl.training.loop;

import java.nio.file.Path;
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
    public static final Factory THREADS = (run, folder) -> threads(run);

    /** Makes what computes a run, when the run is open. */
    @FunctionalInterface
    public interface Factory {

        /**
         * Makes it.
         *
         * @param run stays open as long as the executors are
         * @param folder of the run; its {@code config.yaml} is the configuration
         */
        RunExecutors open(OpenRun run, Path folder);
    }

    /** The workers of this process. */
    public static RunExecutors threads(OpenRun run) {
        ThreadRollouts rollouts = new ThreadRollouts(run);
        PolicyRuntime runtime = run.runtime();
        return new RunExecutors(
                rollouts,
                new ThreadGradients(
                        runtime,
                        run.parts().objective(),
                        runtime.sampling().trainedPolicy(),
                        ThreadGradients.Samples.of(rollouts::trajectories)));
    }

    @Override
    public void close() {
        rollouts.close();
    }
}
