package org.imagerl.toolkit.recipe;

import java.util.List;
import org.imagerl.spi.Advantage;

/** {@code (r - mean) / (std + 1e-8)} over the epoch's rollouts, population std: ddpo-pytorch without its tracker. */
public final class BatchAdvantage implements Advantage {
    private static final double EPSILON = 1e-8;

    @Override
    public int minimumGroup() {
        return 1;
    }

    @Override
    public double[] advantages(List<String> groups, double[] rewards) {
        return Statistics.of(rewards).normalise(rewards, EPSILON);
    }
}
