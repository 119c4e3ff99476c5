package org.imagerl.toolkit.recipe;

import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.run.RewardCombination;

/** The advantage of the weighted sum. */
public final class WeightedSum implements RewardCombination {

    @Override
    public Advantages advantages(Scored scored, Advantage advantage) {
        return advantage.advantages(scored.groups(), total(scored.rewards()), scored.rollouts());
    }

    /** Per sample the weighted sum over the rewards; NaN where one of them has no value. */
    public static double[] total(List<Column> rewards) {
        double[] totals = new double[rewards.get(0).values().length];
        for (Column column : rewards) {
            Arrays.setAll(totals, i -> totals[i] + column.weight() * column.values()[i]);
        }
        return totals;
    }
}
