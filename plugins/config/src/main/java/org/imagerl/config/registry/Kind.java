package org.imagerl.config.registry;

import java.util.List;
import java.util.function.Function;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Benchmark;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Features;
import org.imagerl.spi.Guidance;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Selection;
import org.imagerl.spi.StepNoise;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TableFormat;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.spi.run.Tracker;
import org.imagerl.spi.run.UpdateRule;

/**
 * A kind of part that plugins make from a configuration.
 *
 * @param <T> the contract of the parts
 * @param label what people call one of them: {@code trust region}
 * @param contract the contract of the parts
 * @param factories the list of a plugin
 */
public record Kind<T>(
        String label, Class<T> contract, Function<Plugin, List<? extends Factory<? extends T, ?>>> factories) {

    public static final Kind<Dynamics> DYNAMICS = new Kind<>("dynamics", Dynamics.class, Plugin::dynamics);
    public static final Kind<StepNoise> STEP_NOISE = new Kind<>("step noise", StepNoise.class, Plugin::stepNoises);
    public static final Kind<Guidance> GUIDANCE = new Kind<>("guidance", Guidance.class, Plugin::guidances);
    public static final Kind<Reward> REWARD = new Kind<>("reward", Reward.class, Plugin::rewards);
    public static final Kind<Features> FEATURES = new Kind<>("features", Features.class, Plugin::features);
    public static final Kind<Advantage> ADVANTAGE = new Kind<>("advantage", Advantage.class, Plugin::advantages);
    public static final Kind<Selection> SELECTION = new Kind<>("selection", Selection.class, Plugin::selections);
    public static final Kind<Objective> OBJECTIVE = new Kind<>("objective", Objective.class, Plugin::objectives);
    public static final Kind<Likelihood> LIKELIHOOD = new Kind<>("likelihood", Likelihood.class, Plugin::likelihoods);
    public static final Kind<Ratio> RATIO = new Kind<>("ratio", Ratio.class, Plugin::ratios);
    public static final Kind<TrustRegion> TRUST_REGION =
            new Kind<>("trust region", TrustRegion.class, Plugin::trustRegions);
    public static final Kind<StepWeight> STEP_WEIGHT = new Kind<>("step weight", StepWeight.class, Plugin::stepWeights);
    public static final Kind<Penalty> PENALTY = new Kind<>("penalty", Penalty.class, Plugin::penalties);
    public static final Kind<PenaltyGradient> PENALTY_GRADIENT =
            new Kind<>("penalty gradient", PenaltyGradient.class, Plugin::penaltyGradients);
    public static final Kind<RewardCombination> REWARD_COMBINATION =
            new Kind<>("reward combination", RewardCombination.class, Plugin::rewardCombinations);
    public static final Kind<PromptSampler> PROMPT_SAMPLER =
            new Kind<>("prompt sampler", PromptSampler.class, Plugin::promptSamplers);
    public static final Kind<RolloutBudget> ROLLOUT_BUDGET =
            new Kind<>("rollout budget", RolloutBudget.class, Plugin::rolloutBudgets);
    public static final Kind<DataSource> DATA_SOURCE = new Kind<>("data source", DataSource.class, Plugin::dataSources);
    public static final Kind<UpdateRule> UPDATE_RULE = new Kind<>("optimiser", UpdateRule.class, Plugin::updateRules);
    public static final Kind<Tracker> TRACKER = new Kind<>("tracker", Tracker.class, Plugin::trackers);
    public static final Kind<Pretraining> PRETRAINING =
            new Kind<>("pretraining", Pretraining.class, Plugin::pretrainings);
    public static final Kind<Augmentation> AUGMENTATION =
            new Kind<>("augmentation", Augmentation.class, Plugin::augmentations);
    public static final Kind<TableFormat> TABLE_FORMAT =
            new Kind<>("table format", TableFormat.class, Plugin::tableFormats);
    public static final Kind<Benchmark> BENCHMARK = new Kind<>("benchmark", Benchmark.class, Plugin::benchmarks);

    /** All kinds, in the order of the way of the data. */
    public static final List<Kind<?>> ALL = List.of(
            DYNAMICS,
            STEP_NOISE,
            GUIDANCE,
            REWARD,
            FEATURES,
            ADVANTAGE,
            SELECTION,
            OBJECTIVE,
            LIKELIHOOD,
            RATIO,
            TRUST_REGION,
            STEP_WEIGHT,
            PENALTY,
            PENALTY_GRADIENT,
            REWARD_COMBINATION,
            PROMPT_SAMPLER,
            ROLLOUT_BUDGET,
            DATA_SOURCE,
            UPDATE_RULE,
            TRACKER,
            PRETRAINING,
            AUGMENTATION,
            TABLE_FORMAT,
            BENCHMARK);

    /** The kind of a contract. */
    public static Kind<?> of(Class<?> contract) {
        return ALL.stream()
                .filter(kind -> kind.contract == contract)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(contract + " is no contract of plugins"));
    }
}
