package org.imagerl.spi.run;

import java.util.List;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.Stateful;

/** Makes one advantage of several rewards. */
public interface RewardCombination extends Stateful {

    /**
     * One of the rewards of an epoch.
     *
     * @param name in logs
     * @param weight of the configuration
     * @param values one per sample, NaN where there is none
     */
    record Column(String name, double weight, double[] values) {}

    /**
     * The rewards to combine, and their samples.
     *
     * @param groups the group of each sample
     * @param rewards all that are trained on, at least one
     * @param rollouts that the rewards are of
     */
    record Scored(List<String> groups, List<Column> rewards, RolloutEvidence rollouts) {}

    /**
     * Makes sure that it can combine what there is.
     *
     * @param rewards their names, in their order
     * @throws org.imagerl.spi.UserException if it cannot, with the reason
     */
    default void check(List<String> rewards) {}

    /** Advantages of one epoch's rollouts; NaN where a reward has no value. */
    Advantages advantages(Scored scored, Advantage advantage);

    /**
     * The range of what the advantage is asked about.
     *
     * @param range lowest and highest weighted sum of the rewards, infinite if unbounded
     */
    default double[] range(double[] range) {
        return range;
    }

    /** Whether it asks the configured advantage; if not, that has no effect. */
    default boolean usesAdvantage() {
        return true;
    }

    /** Fewest samples per prompt and epoch with which its own normalisation means something. */
    default int minimumGroup() {
        return 1;
    }
}
