package org.imagerl.host.train;

import java.util.Objects;
import org.imagerl.host.config.RunConfig;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Context;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Selection;
import org.imagerl.toolkit.recipe.Recipe;

/**
 * The parts of a configured algorithm.
 *
 * @param objective a recipe of parts, or an objective of its own
 * @param advantage how rewards become signs
 * @param selection which rollouts are trained on
 */
record Algorithm(Objective objective, Advantage advantage, Selection selection) {

    /** Makes the parts. */
    static Algorithm of(RunConfig.Algorithm config, Context context) {
        Objective objective = config.objective() != null ? config.objective().create(context) : recipe(config, context);
        return new Algorithm(
                objective,
                config.advantage().create(context),
                config.selection().create(context));
    }

    private static Recipe recipe(RunConfig.Algorithm config, Context context) {
        return new Recipe(
                Objects.requireNonNull(config.likelihood()).create(context),
                Objects.requireNonNull(config.ratio()).create(context),
                Objects.requireNonNull(config.trustRegion()).create(context),
                Objects.requireNonNull(config.stepWeight()).create(context),
                config.penalty() == null ? null : config.penalty().create(context));
    }
}
