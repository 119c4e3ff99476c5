package org.imagerl.toolkit.recipe.advantage;

import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Advantage;

/**
 * {@code A = 1}: every rollout that is trained on is reinforced alike. With a selection of the best rollouts and the likelihood {@code matching} this is
 * supervised fine-tuning on the winners (best of N). The scheme is the one that Laidlaw et al. (The Effective Horizon Explains Deep RL Performance in
 * Stochastic Environments, 2023, arXiv 2312.08369) compare with: look ahead with random rollouts, then be greedy. Here the horizon is one image.
 */
public final class ConstantAdvantage implements Advantage {

    @Override
    public int minimumGroup() {
        return 1;
    }

    @Override
    public double[] advantages(List<String> groups, double[] rewards) {
        return Arrays.stream(rewards).map(r -> Double.isNaN(r) ? Double.NaN : 1).toArray();
    }
}
