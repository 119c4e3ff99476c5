package org.imagerl.toolkit.recipe.advantage;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Trajectories;

/** Advantages per sample and step of those steps of rollouts that can be trained. */
final class StepAdvantages {
    private StepAdvantages() {}

    /** The steps that were stored with a density, ascending. */
    static int[] trained(Trajectories rollouts) {
        return IntStream.range(0, rollouts.kernel().steps())
                .filter(rollouts::trainable)
                .toArray();
    }

    /**
     * The others, which are never trained, have the sample's mean.
     *
     * @param values by sample and place among the steps
     * @param steps that can be trained, ascending
     * @param all steps of the chain
     */
    static Advantages of(double[][] values, int[] steps, int all) {
        double[][] whole = new double[values.length][all];
        for (int i = 0; i < values.length; i++) {
            Arrays.fill(whole[i], Arrays.stream(values[i]).average().orElse(Double.NaN));
            for (int k = 0; k < steps.length; k++) {
                whole[i][steps[k]] = values[i][k];
            }
        }
        return Advantages.ofSteps(whole);
    }

    /** All values of some samples, one sample after the other. */
    static double[] flat(double[][] values, int... samples) {
        return IntStream.of(samples)
                .mapToObj(i -> values[i])
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }
}
