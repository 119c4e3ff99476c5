package org.imagerl.training.loop;

import java.util.List;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.run.State;
import org.imagerl.spi.run.Stateful;
import org.imagerl.toolkit.recipe.DecoupledAdvantage;
import org.imagerl.training.config.RunConfig.RewardCombination;

/** Advantages of several rewards: the configured advantage of their weighted sum, or {@link DecoupledAdvantage} in its place. */
final class RewardAdvantages implements Stateful {
    private final RewardCombination combination;
    private final Advantage advantage;

    /** @param advantage of the weighted sum; not asked for {@link RewardCombination#GDPO}, which normalises by itself */
    RewardAdvantages(RewardCombination combination, Advantage advantage) {
        this.combination = combination;
        this.advantage = advantage;
    }

    /**
     * Advantages of one epoch's pictures.
     *
     * @param groups the group of each picture
     * @return an advantage per picture, NaN where a reward has no value
     */
    double[] of(List<String> groups, RewardTable table) {
        if (combination == RewardCombination.SUM) {
            return advantage.advantages(groups, table.totals());
        }
        List<RewardTable.Column> columns = table.columns();
        return DecoupledAdvantage.of(
                groups,
                columns.stream().map(RewardTable.Column::values).toList(),
                columns.stream().mapToDouble(RewardTable.Column::weight).toArray());
    }

    @Override
    public State state() {
        return advantage.state();
    }

    @Override
    public void restore(State state) {
        advantage.restore(state);
    }
}
