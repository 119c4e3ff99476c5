package org.imagerl.ctrl.objective;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Advantage;

/**
 * {@code r - mean} of the other images of the prompt, in the unit of the reward: a scale would be another gamma (Kool, van Hoof, Welling, Buy 4
 * REINFORCE Samples, Get a Baseline for Free!, 2019, leave-one-out baseline, which leaves the gradient unbiased).
 */
public final class CentredAdvantage implements Advantage {

    @Override
    public int minimumGroup() {
        return 2;
    }

    @Override
    public double[] advantages(List<String> groups, double[] rewards) {
        Map<String, double[]> sums = new HashMap<>();
        for (int i = 0; i < rewards.length; i++) {
            if (!Double.isNaN(rewards[i])) {
                double[] sum = sums.computeIfAbsent(groups.get(i), key -> new double[2]);
                sum[0] += rewards[i];
                sum[1]++;
            }
        }
        double[] advantages = new double[rewards.length];
        for (int i = 0; i < rewards.length; i++) {
            double[] sum = sums.getOrDefault(groups.get(i), new double[2]);
            advantages[i] =
                    sum[1] > 1 || Double.isNaN(rewards[i]) ? rewards[i] - (sum[0] - rewards[i]) / (sum[1] - 1) : 0;
        }
        return advantages;
    }
}
