package org.imagerl.spi;

import java.util.List;
import java.util.Locale;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.spi.run.Tracker;
import org.imagerl.spi.run.UpdateRule;

/**
 * One jar's contribution, found by {@link java.util.ServiceLoader}: list the class in
 * {@code META-INF/services/org.imagerl.spi.Plugin}. Every method returns the factories of one kind; a name may be used once
 * per kind. The built-in modules are plugins like any other.
 */
public interface Plugin {

    /** A short kebab-case name for listings and errors. By default that of the class without {@code Plugin}: {@code ColourPlugin} is {@code colour}. */
    default String name() {
        return getClass()
                .getName()
                .replaceFirst("^.*[.$]", "")
                .replaceFirst("(?<=.)Plugin$", "")
                .replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-")
                .toLowerCase(Locale.ROOT);
    }

    /** Checkpoint families that can be loaded. */
    default List<PipelineFactory> pipelines() {
        return List.of();
    }

    /** Ways to step from noise to image, each step a mean and a standard deviation. */
    default List<Factory<? extends Dynamics, ?>> dynamics() {
        return List.of();
    }

    /** Distributions of the noise of steps. */
    default List<Factory<? extends StepNoise, ?>> stepNoises() {
        return List.of();
    }

    /** Rules of guidance. */
    default List<Factory<? extends Guidance, ?>> guidances() {
        return List.of();
    }

    /** Scorers of images. */
    default List<Factory<? extends Reward, ?>> rewards() {
        return List.of();
    }

    /** Frozen networks that make vectors of images. */
    default List<Factory<? extends Features, ?>> features() {
        return List.of();
    }

    /** Ways to turn rewards into advantages. */
    default List<Factory<? extends Advantage, ?>> advantages() {
        return List.of();
    }

    /** Choices of the rollouts that are trained on. */
    default List<Factory<? extends Selection, ?>> selections() {
        return List.of();
    }

    /** Whole objectives: what does not fit the recipe of parts. */
    default List<Factory<? extends Objective, ?>> objectives() {
        return List.of();
    }

    /** Recipe part: what the log-density of a sample is. */
    default List<Factory<? extends Likelihood, ?>> likelihoods() {
        return List.of();
    }

    /** Recipe part: what is compared with the old policy. */
    default List<Factory<? extends Ratio, ?>> ratios() {
        return List.of();
    }

    /** Recipe part: which updates are stopped. */
    default List<Factory<? extends TrustRegion, ?>> trustRegions() {
        return List.of();
    }

    /** Recipe part: how the steps of a trajectory are balanced. */
    default List<Factory<? extends StepWeight, ?>> stepWeights() {
        return List.of();
    }

    /** Recipe part: what keeps the policy near the reference. */
    default List<Factory<? extends Penalty, ?>> penalties() {
        return List.of();
    }

    /** Recipe part: how the gradient of the penalties joins that of the policy's loss. */
    default List<Factory<? extends PenaltyGradient, ?>> penaltyGradients() {
        return List.of();
    }

    /** Named algorithms: a recipe with its defaults. */
    default List<Preset> presets() {
        return List.of();
    }

    /** Ways to make one advantage of several rewards. */
    default List<Factory<? extends RewardCombination, ?>> rewardCombinations() {
        return List.of();
    }

    /** Choices of the prompts of an epoch. */
    default List<Factory<? extends PromptSampler, ?>> promptSamplers() {
        return List.of();
    }

    /** Divisions of an epoch's samples among its prompts. */
    default List<Factory<? extends RolloutBudget, ?>> rolloutBudgets() {
        return List.of();
    }

    /** Images on disk that are trained on. */
    default List<Factory<? extends DataSource, ?>> dataSources() {
        return List.of();
    }

    /** Optimisers. */
    default List<Factory<? extends UpdateRule, ?>> updateRules() {
        return List.of();
    }

    /** Takers of what a run measures, beside its own log. */
    default List<Factory<? extends Tracker, ?>> trackers() {
        return List.of();
    }

    /** Trainers that make a checkpoint from nothing. */
    default List<Factory<? extends Pretraining, ?>> pretrainings() {
        return List.of();
    }

    /** What checkpoints can be conditioned on beside the prompt. */
    default List<Factory<? extends Augmentation, ?>> augmentations() {
        return List.of();
    }

    /** Formats of tables beside CSV and JSON lines. */
    default List<Factory<? extends TableFormat, ?>> tableFormats() {
        return List.of();
    }

    /** Layouts in which adapters (LoRA) are kept. */
    default List<LoraLayout> loraLayouts() {
        return List.of();
    }

    /** Measurements of speed and memory. */
    default List<Factory<? extends Benchmark, ?>> benchmarks() {
        return List.of();
    }
}
