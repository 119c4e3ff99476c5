package org.imagerl.toolkit.recipe.selection;

import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.imagerl.spi.Selection;
import org.imagerl.toolkit.random.RandomStreams;

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
            List<Double> keys = IntStream.range(0, ranked.size())
                    .mapToObj(rank -> key(rank, random.stream("selection", ranked.get(rank))))
                    .toList();
            return IntStream.range(0, ranked.size())
                    .boxed()
                    .sorted(Comparator.comparing(keys::get))
                    .limit(config.keep)
                    .map(ranked::get)
                    .toList();
        });
    }

    /** Exponential with the weight as its rate: the smallest keys are a draw without replacement (Efraimidis and Spirakis, 2006). */
    private double key(int rank, SplittableRandom stream) {
        return -Math.log1p(-stream.nextDouble()) / (rank == 0 ? config.best : config.others);
    }
}
