package org.imagerl.toolkit.recipe.selection;

import java.util.Arrays;
import org.imagerl.spi.Selection;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.random.WeightedDraw;

/**
 * The best rollout of every prompt and random others (Shen and Zhang, PF-PPO, 2024, arXiv 2409.06957): drawn with the weights 0.4 for the best and 0.1 for
 * each of the others. Advantages are those of the whole group.
 *
 * <p>Where it departs: the published code draws with replacement, and trains on a rollout as often as it was drawn. Here it is without, because a rollout is
 * trained on once: of one draw the chances are those weights, of more they are closer to each other.
 */
public final class BestRandom implements Selection {

    /**
     * How many are drawn, and how.
     *
     * @param keep rollouts of each prompt, at least 1
     * @param best weight of the best one, above 0
     * @param others weight of each of the others, above 0
     */
    public record Config(int keep, double best, double others) {
        /** Checks the ranges. */
        public Config {
            if (keep < 1) {
                throw new IllegalArgumentException("keep must be at least 1");
            }
            if (!(best > 0) || !(others > 0)) {
                throw new IllegalArgumentException("best and others must be above 0");
            }
        }
    }

    private final Config config;

    public BestRandom(Config config) {
        this.config = config;
    }

    @Override
    public int[] select(Candidates candidates) {
        RandomStreams random = new RandomStreams(candidates.seed());
        return Ranked.ofEachGroup(candidates, ranked -> {
            double[] weights = new double[ranked.size()];
            Arrays.setAll(weights, rank -> rank == 0 ? config.best : config.others);
            int[] drawn = WeightedDraw.of(weights, config.keep, rank -> random.stream("selection", ranked.get(rank)));
            return Arrays.stream(drawn).mapToObj(ranked::get).toList();
        });
    }
}
