package org.imagerl.ctrl.baseline;

import java.util.Set;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.path.PathDivergence;

/**
 * {@code untrained}: no gradient, so that methods without training are evaluated by the same loop, with the same prompts and seeds; logs
 * {@link PathDivergence}.
 */
public final class NoOpObjective implements Objective {

    @Override
    public Needs needs() {
        return new Needs(false, true, Set.of(WeightSet.REFERENCE));
    }

    @Override
    public boolean trains() {
        return false;
    }

    @Override
    public boolean maximisesRewards() {
        return false;
    }

    @Override
    public Metrics backward(Policy policy, Batch batch, double weight) {
        return Metrics.means(PathDivergence.of(policy, batch));
    }
}
