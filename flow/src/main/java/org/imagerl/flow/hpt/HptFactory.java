package org.imagerl.flow.hpt;

import java.util.Map;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Objective;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.Penalty;
import org.imagerl.toolkit.recipe.ImportanceRatio;
import org.imagerl.toolkit.recipe.RatioClip;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.recipe.UniformWeight;
import org.jspecify.annotations.Nullable;

/** Makes {@code hpt}. */
public final class HptFactory implements Factory<Objective, HptConfig> {

    @Override
    public String name() {
        return "hpt";
    }

    @Override
    public String description() {
        return "HPT: demonstrations of prompts whose images all fail, the policy gradient elsewhere";
    }

    @Override
    @SuppressWarnings("NullAway") // the demonstrations are required: they have no default
    public HptConfig defaults() {
        return new HptConfig(null, 1, 0, -1, 1, new Times.Discrete(1, 1), null, null, null, null, null);
    }

    @Override
    public Objective create(HptConfig config, Context context) {
        PartConfig<Penalty> penalty = config.penalty();
        Recipe recipe = new Recipe(
                made(config.likelihood(), new TransitionLikelihood(), context),
                made(config.ratio(), new ImportanceRatio(), context),
                made(config.trustRegion(), new RatioClip(new RatioClip.Config(1e-4, null)), context),
                made(config.stepWeight(), new UniformWeight(), context),
                penalty == null ? Map.of() : Map.of("penalty", penalty.create(context)));
        return new HptObjective(config, recipe, config.demonstrations().create(context));
    }

    private static <T> T made(@Nullable PartConfig<T> configured, T usual, Context context) {
        return configured == null ? usual : configured.create(context);
    }
}
