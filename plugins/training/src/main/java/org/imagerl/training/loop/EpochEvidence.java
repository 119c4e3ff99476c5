package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.GaussianNoise;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.imagerl.training.work.Rollout;

/**
 * The rollouts of an epoch and the policy that can be asked about them, in this process, as many micro-batches at a time as there are workers.
 *
 * @param rollout all of them; its trajectories are fetched when a part of the configuration asks
 * @param microBatch samples of a call
 */
record EpochEvidence(PolicyRuntime runtime, Rollout rollout, int microBatch) implements RolloutEvidence {

    @Override
    public Trajectories trajectories() {
        return rollout.trajectories();
    }

    @Override
    public Comparison compare(WeightSet weights) {
        Trajectories trajectories = rollout.trajectories();
        int samples = trajectories.size();
        int steps = trajectories.kernel().steps();
        Comparison compared = new Comparison(unknown(samples, steps), unknown(samples, steps));
        int[] stored = IntStream.range(0, steps).filter(trajectories::trainable).toArray();
        int parts = (samples + microBatch - 1) / microBatch;
        runtime.shards().run(parts, part -> {
            int from = part * microBatch;
            int[] rows =
                    IntStream.range(from, Math.min(samples, from + microBatch)).toArray();
            Gradients.off(() -> {
                compare(weights, trajectories, rows, stored, compared);
                return rows;
            });
        });
        return compared;
    }

    private void compare(WeightSet weights, Trajectories trajectories, int[] rows, int[] steps, Comparison into) {
        NDManager owner = trajectories.state(trajectories.kernel().steps()).getManager();
        try (NDManager manager = owner.newSubManager()) {
            Trajectories some = trajectories.rows(manager, rows);
            for (int step : steps) {
                Scope.run(() -> {
                    NDArray mean = runtime.sampling().trainedPolicy().mean(weights, step, some);
                    double std = some.kernel().std(step);
                    NDArray next = some.state(step + 1);
                    put(
                            into.logDensities(),
                            rows,
                            step,
                            GaussianNoise.of(some.kernel()).logDensity(next, mean, std));
                    NDArray noise = some.noise(step);
                    if (noise != null) {
                        // x' = mu_old + S z, so (mu_old - mu) / S = (x' - mu) / S - z.
                        NDArray apart =
                                TransitionLikelihood.noise(next, mean, std).sub(noise);
                        put(
                                into.divergences(),
                                rows,
                                step,
                                Kernels.scale(Kernels.meanPerSample(apart.mul(apart)), 0.5));
                    }
                });
            }
        }
    }

    private static void put(double[][] into, int[] rows, int step, NDArray values) {
        double[] each = values.toType(DataType.FLOAT64, false).toDoubleArray();
        for (int i = 0; i < rows.length; i++) {
            into[rows[i]][step] = each[i];
        }
    }

    private static double[][] unknown(int samples, int steps) {
        double[][] numbers = new double[samples][steps];
        Arrays.stream(numbers).forEach(row -> Arrays.fill(row, Double.NaN));
        return numbers;
    }
}
