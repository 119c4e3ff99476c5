package org.imagerl.samples.parts;

import java.util.List;
import java.util.Map;
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
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Preset;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.Selection;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TableFormat;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.spi.run.Tracker;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.toolkit.recipe.ContextFactory;
import org.imagerl.toolkit.recipe.SimpleFactory;

/** The entry of a jar: a line for each part, with the name that a configuration has for it, what it is, and its settings. */
public final class PartsPlugin implements Plugin {
    @Override
    public List<PipelineFactory> pipelines() {
        return List.of(ConvFlow.FAMILY);
    }

    @Override
    public List<Factory<? extends Dynamics, ?>> dynamics() {
        return List.of(SimpleFactory.of(
                "renewed-noise", "each step renews a part of the noise", new RenewedNoise(0.5), config -> config));
    }

    @Override
    public List<Factory<? extends Advantage, ?>> advantages() {
        return List.of(SimpleFactory.of("median", "the reward less the median of its prompt", MedianAdvantage::new));
    }

    @Override
    public List<Factory<? extends Selection, ?>> selections() {
        return List.of(SimpleFactory.of("above-average", "images with a positive advantage", AboveAverage::new));
    }

    @Override
    public List<Factory<? extends Objective, ?>> objectives() {
        return List.of(SimpleFactory.of(
                "learn-the-best", "pretraining on good images", new LearnTheBest.Config(4), LearnTheBest::new));
    }

    @Override
    public List<Factory<? extends Likelihood, ?>> likelihoods() {
        return List.of(SimpleFactory.of(
                "denoising", "how well the image is denoised", new DenoisingLikelihood(0.5), config -> config));
    }

    @Override
    public List<Factory<? extends Ratio, ?>> ratios() {
        return List.of(SimpleFactory.of(
                "tempered", "a power of the importance ratio", new TemperedRatio(0.5), config -> config));
    }

    @Override
    public List<Factory<? extends TrustRegion, ?>> trustRegions() {
        return List.of(SimpleFactory.of(
                "hard-stop", "samples far from the old policy are left out", new HardStop(1e-4), config -> config));
    }

    @Override
    public List<Factory<? extends PenaltyGradient, ?>> penaltyGradients() {
        return List.of(SimpleFactory.of(
                "agreeing", "penalties only where they do not undo what rewards ask for", AgreeingPenalty::new));
    }

    @Override
    public List<Factory<? extends StepWeight, ?>> stepWeights() {
        return List.of(SimpleFactory.of("later-steps", "steps near the image count more", LaterSteps::new));
    }

    @Override
    public List<Factory<? extends Penalty, ?>> penalties() {
        return List.of(SimpleFactory.of(
                "output", "distance of the denoiser's outputs", new OutputPenalty(0.1), config -> config));
    }

    @Override
    public List<Factory<? extends Guidance, ?>> guidances() {
        return List.of(SimpleFactory.of(
                "early", "guidance while there is much noise", new EarlyGuidance(0.5), config -> config));
    }

    @Override
    public List<Factory<? extends RewardCombination, ?>> rewardCombinations() {
        return List.of(SimpleFactory.of("worst", "the lowest of the weighted rewards counts", WorstReward::new));
    }

    @Override
    public List<Factory<? extends PromptSampler, ?>> promptSamplers() {
        return List.of(SimpleFactory.of("hardest", "the prompts that have scored lowest so far", HardestPrompts::new));
    }

    @Override
    public List<Factory<? extends RolloutBudget, ?>> rolloutBudgets() {
        return List.of(
                SimpleFactory.of("more-for-hard", "more images of prompts that score low", MoreForHardPrompts::new));
    }

    @Override
    @SuppressWarnings("NullAway") // the folder is required: it has no default
    public List<Factory<? extends DataSource, ?>> dataSources() {
        return List.of(ContextFactory.of(
                "named-images",
                "images whose file names are their prompts",
                new NamedImages.Settings(null, List.of()),
                NamedImages::new));
    }

    @Override
    public List<Factory<? extends Features, ?>> features() {
        return List.of(SimpleFactory.of("colour-statistics", "mean and spread of each colour", ColourStatistics::new));
    }

    @Override
    public List<Factory<? extends Augmentation, ?>> augmentations() {
        return List.of(SimpleFactory.of(
                "styles",
                "every prompt in each of some styles",
                new StyleAugmentation(List.of("watercolour", "pencil")),
                config -> config));
    }

    @Override
    public List<Factory<? extends TableFormat, ?>> tableFormats() {
        return List.of(SimpleFactory.of("tab", "columns with tabs between them", TabFormat::new));
    }

    @Override
    public List<Factory<? extends Pretraining, ?>> pretrainings() {
        return List.of(ContextFactory.of(
                "conv-flow",
                "a checkpoint of three convolutions",
                NewConvFlow.Settings.defaults(),
                NewConvFlow::create));
    }

    @Override
    public List<Factory<? extends Benchmark, ?>> benchmarks() {
        return List.of(SimpleFactory.of(
                "guidance", "how long guidance takes", new GuidanceBenchmark(64, 1000), config -> config));
    }

    @Override
    public List<Factory<? extends UpdateRule, ?>> updateRules() {
        return List.of(SimpleFactory.of("sign-descent", "signSGD", SignDescent::new));
    }

    @Override
    public List<Factory<? extends Tracker, ?>> trackers() {
        return List.of(SimpleFactory.of("reward-log", "rewards.txt, a line per epoch", RewardLog::new));
    }

    @Override
    public List<LoraLayout> loraLayouts() {
        return List.of(new FlatLayout());
    }

    @Override
    public List<Preset> presets() {
        return List.of(new Preset(
                "learn-the-best",
                "pretraining on the good images of rollouts",
                "an example",
                Map.of("objective", Map.of("type", "learn-the-best"), "advantage", Map.of("type", "median"))));
    }
}
