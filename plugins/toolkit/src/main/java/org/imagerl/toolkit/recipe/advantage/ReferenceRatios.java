package org.imagerl.toolkit.recipe.advantage;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Set;
import org.imagerl.spi.Objective;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;

/**
 * How much likelier sampled steps are under the behaviour policy than under the reference weights, before the first update of an epoch. It costs a call of the
 * denoiser per sample and step.
 */
final class ReferenceRatios {
    /** What an estimator needs for it. */
    static final Objective.Needs NEEDS = new Objective.Needs(true, false, Set.of(WeightSet.REFERENCE));

    private ReferenceRatios() {}

    /** {@code l - l_ref} by sample and place among the trained steps, each a mean over the elements of the latents. */
    static double[][] of(RolloutEvidence rollouts, int... steps) {
        Trajectories trajectories = rollouts.trajectories();
        double[][] reference = rollouts.compare(WeightSet.REFERENCE).logDensities();
        double[][] ratios = new double[trajectories.size()][steps.length];
        for (int k = 0; k < steps.length; k++) {
            double[] sampled = trajectories
                    .logDensity(steps[k])
                    .toType(DataType.FLOAT64, false)
                    .toDoubleArray();
            for (int i = 0; i < sampled.length; i++) {
                ratios[i][k] = sampled[i] - reference[i][steps[k]];
            }
        }
        return ratios;
    }

    /** The sum over the trained steps, per sample. */
    static double[] ofPaths(RolloutEvidence rollouts) {
        int[] steps = StepAdvantages.trained(rollouts.trajectories());
        return Arrays.stream(of(rollouts, steps))
                .mapToDouble(own -> Arrays.stream(own).sum())
                .toArray();
    }
}
