package org.imagerl.host.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.host.config.RunConfig.RewardCombination;
import org.imagerl.host.score.RewardTable;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Stateful;
import org.imagerl.toolkit.recipe.Statistics;

/**
 * Advantages of several rewards: of their weighted sum, or each reward's own, weighted, added up and normalised over the batch,
 *
 * <pre>
 * A = sum_k w_k A_k,   (A - mean(A)) / (std(A) + 1e-4)
 * </pre>
 *
 * so that a reward of a larger spread does not drown the others (GDPO, group reward-decoupled normalisation, as Flow-Factory's
 * advantage aggregation {@code gdpo} has it). A picture without a value of one reward has no advantage and counts in no statistics.
 */
final class RewardAdvantages implements Stateful {
    private static final double EPSILON = 1e-4;

    private final RewardCombination combination;
    private final List<Advantage> advantages;

    /**
     * How to combine.
     *
     * @param advantages one for the sum; one per reward for their own
     */
    RewardAdvantages(RewardCombination combination, List<Advantage> advantages) {
        this.combination = combination;
        this.advantages = List.copyOf(advantages);
    }

    /**
     * Advantages of one epoch's pictures.
     *
     * @param groups the group of each picture
     * @return an advantage per picture, NaN where a reward has no value
     */
    double[] of(List<String> groups, RewardTable table) {
        double[] totals = table.totals();
        if (combination == RewardCombination.SUM) {
            return advantages.get(0).advantages(groups, totals);
        }
        double[] sum = new double[totals.length];
        for (int k = 0; k < advantages.size(); k++) {
            RewardTable.Column column = table.columns().get(k);
            double[] values = column.values();
            Arrays.setAll(
                    values, i -> Double.isNaN(totals[i]) ? Double.NaN : values[i]); // all rewards see the same pictures
            double[] own = advantages.get(k).advantages(groups, values);
            Arrays.setAll(sum, i -> sum[i] + column.weight() * own[i]);
        }
        return Statistics.of(sum).normalise(sum, EPSILON);
    }

    /** The memory of the first, and of the others under their number. */
    @Override
    public Map<String, double[]> state() {
        Map<String, double[]> state = new LinkedHashMap<>(advantages.get(0).state());
        for (int k = 1; k < advantages.size(); k++) {
            String prefix = prefix(k);
            advantages.get(k).state().forEach((name, values) -> state.put(prefix + name, values));
        }
        return state;
    }

    @Override
    public void restore(Map<String, double[]> state) {
        List<Map<String, double[]>> own = new ArrayList<>();
        for (int k = 0; k < advantages.size(); k++) {
            own.add(new TreeMap<>());
        }
        state.forEach((name, values) -> {
            int k = 0;
            for (int other = 1; other < advantages.size(); other++) {
                k = name.startsWith(prefix(other)) ? other : k;
            }
            own.get(k).put(k == 0 ? name : name.substring(prefix(k).length()), values);
        });
        for (int k = 0; k < advantages.size(); k++) {
            advantages.get(k).restore(own.get(k));
        }
    }

    private static String prefix(int reward) {
        return "reward " + reward + ": ";
    }
}
