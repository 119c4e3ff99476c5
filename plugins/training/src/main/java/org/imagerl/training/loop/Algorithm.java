package org.imagerl.training.loop;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Context;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Selection;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.training.config.RunConfig;

/**
 * The parts of a configured algorithm.
 *
 * @param objective a recipe of parts, or an objective of its own
 * @param advantage how rewards become signs
 * @param selection which rollouts are trained on
 */
record Algorithm(Objective objective, Advantage advantage, Selection selection) implements AutoCloseable {

    /** Makes the parts. */
    static Algorithm of(RunConfig.Algorithm config, Context context) {
        Objective objective = config.objective() != null ? config.objective().create(context) : recipe(config, context);
        try {
            return new Algorithm(
                    objective,
                    config.advantage().create(context),
                    config.selection().create(context));
        } catch (RuntimeException e) {
            objective.close();
            throw e;
        }
    }

    private static Recipe recipe(RunConfig.Algorithm config, Context context) {
        return new Recipe(
                Objects.requireNonNull(config.likelihood()).create(context),
                Objects.requireNonNull(config.ratio()).create(context),
                Objects.requireNonNull(config.trustRegion()).create(context),
                Objects.requireNonNull(config.stepWeight()).create(context),
                penalties(config, context));
    }

    private static Map<String, Penalty> penalties(RunConfig.Algorithm config, Context context) {
        Map<String, Penalty> penalties = new TreeMap<>();
        if (config.penalty() != null) {
            penalties.put("penalty", config.penalty().create(context));
        }
        if (config.proximal() != null) {
            penalties.put("proximal", config.proximal().create(context));
        }
        return penalties;
    }

    /** The samples to train on, ascending: what the selection says, or all where rewards are only watched. */
    int[] chosen(List<String> groups, double[] rewards, double[] advantages) {
        return objective.maximisesRewards()
                ? selection.select(groups, rewards, advantages)
                : IntStream.range(0, rewards.length).toArray();
    }

    @Override
    public void close() {
        objective.close();
    }
}
