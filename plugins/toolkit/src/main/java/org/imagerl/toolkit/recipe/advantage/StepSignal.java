package org.imagerl.toolkit.recipe.advantage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Trajectories;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.recipe.PredictedClean;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * How undecided a sampled step is, by the clean latents x0 that the denoiser predicts there. Both are read off the stored steps and their noise, without a
 * call of the denoiser ({@link PredictedClean}).
 */
public enum StepSignal {
    /** {@code mean_d (x0_{i,t} - mean_j x0_{j,t})^2} over the group: how far the sample's prediction is from that of its group. */
    SPREAD,
    /** {@code mean_d (x0_{i,t} - x0_{i,t+1})^2}: how much the next trained step, after the last one the finished latents, changes the prediction. */
    CHANGE;

    /**
     * H by sample and place among the steps.
     *
     * @param groups the group of each sample
     * @param steps stored with their noise, ascending, at least one
     */
    double[][] of(List<String> groups, Trajectories rollouts, int... steps) {
        double[][] h = new double[rollouts.size()][steps.length];
        for (int k = 0; k < steps.length; k++) {
            int place = k;
            Gradients.off(() -> {
                Scope.run(() -> {
                    NDArray x0 = PredictedClean.of(rollouts, steps[place]);
                    if (this == SPREAD) {
                        Groups.of(groups).forEach(group -> spread(x0, group, h, place));
                    } else {
                        change(x0, rollouts, steps, h, place);
                    }
                });
                return h;
            });
        }
        return h;
    }

    private static void spread(NDArray x0, int[] group, double[][] h, int place) {
        NDArray own = Conditioning.rows(x0.getManager(), x0, group);
        NDArray apart = own.sub(own.mean(new int[] {0}, true));
        put(apart, group, h, place);
    }

    private static void change(NDArray x0, Trajectories rollouts, int[] steps, double[][] h, int place) {
        NDArray next = place + 1 < steps.length
                ? PredictedClean.of(rollouts, steps[place + 1])
                : rollouts.state(rollouts.kernel().steps());
        int[] all = IntStream.range(0, rollouts.size()).toArray();
        put(x0.sub(next), all, h, place);
    }

    private static void put(NDArray apart, int[] samples, double[][] h, int place) {
        double[] squares = Kernels.meanPerSample(apart.mul(apart))
                .toType(DataType.FLOAT64, false)
                .toDoubleArray();
        for (int j = 0; j < samples.length; j++) {
            h[samples[j]][place] = squares[j];
        }
    }
}
