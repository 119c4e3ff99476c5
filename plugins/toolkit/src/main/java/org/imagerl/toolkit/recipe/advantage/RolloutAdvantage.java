package org.imagerl.toolkit.recipe.advantage;

import java.util.List;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.RolloutEvidence;

/** An estimator that needs more than rewards: it looks at the rollouts too. */
interface RolloutAdvantage extends Advantage {
    @Override
    default double[] advantages(List<String> groups, double[] rewards) {
        throw new IllegalStateException("the steps of rollouts are needed");
    }

    @Override
    Advantages advantages(List<String> groups, double[] rewards, RolloutEvidence rollouts);
}
