package org.imagerl.toolkit.recipe.selection;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Selection;

/**
 * The best and the worst rollouts of every prompt (Shen and Zhang, Policy Filtration in RLHF to Fine-Tune LLM for Code Generation, PF-PPO, 2024, arXiv
 * 2409.06957): a reward is most reliable at its ends. Advantages are those of the whole group. {@code best-of-n} is the best ones alone.
 *
 * <p>The paper chooses its rule by how well a reward model explains true scores on the kept samples (R^2), which asks for a second, trusted reward and is no
 * part of this.
 */
public final class BestWorst implements Selection {

    /**
     * How many of each prompt.
     *
     * @param best at least 0
     * @param worst at least 0
     */
    public record Config(int best, int worst) {
        /** Checks the ranges. */
        public Config {
            if (best < 0 || worst < 0 || best + worst == 0) {
                throw new IllegalArgumentException("best and worst must be at least 0, and one of them above");
            }
        }
    }

    /** @param count of the best of each prompt, at least 1 */
    public record BestConfig(int count) {
        /** Checks the range. */
        public BestConfig {
            if (count < 1) {
                throw new IllegalArgumentException("count must be at least 1");
            }
        }
    }

    private final Config config;

    public BestWorst(Config config) {
        this.config = config;
    }

    /** {@code best-of-n}. */
    public static BestWorst best(BestConfig config) {
        return new BestWorst(new Config(config.count, 0));
    }

    @Override
    public int[] select(Candidates candidates) {
        return Ranked.ofEachGroup(candidates, ranked -> {
            int size = ranked.size();
            List<Integer> ends = new ArrayList<>(ranked.subList(0, Math.min(size, config.best)));
            ends.addAll(ranked.subList(Math.max(0, size - config.worst), size));
            return ends;
        });
    }
}
