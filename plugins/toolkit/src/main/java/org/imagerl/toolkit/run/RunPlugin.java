package org.imagerl.toolkit.run;

import java.util.List;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Guidance;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.StepNoise;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.toolkit.optim.AdamW;
import org.imagerl.toolkit.optim.EightBitAdamW;
import org.imagerl.toolkit.recipe.DecoupledAdvantage;
import org.imagerl.toolkit.recipe.GaussianNoise;
import org.imagerl.toolkit.recipe.SimpleFactory;
import org.imagerl.toolkit.recipe.WeightedSum;
import org.imagerl.toolkit.recipe.gradient.SummedGradients;
import org.imagerl.toolkit.sampling.ClassifierFreeGuidance;
import org.imagerl.toolkit.sampling.IntervalGuidance;
import org.imagerl.toolkit.sampling.RescaledGuidance;

/** The general parts of a run around its algorithm. */
public final class RunPlugin implements Plugin {

    @Override
    public String name() {
        return "run";
    }

    @Override
    public List<Factory<? extends StepNoise, ?>> stepNoises() {
        return List.of(
                SimpleFactory.of("gaussian", "standard normal, as in every published algorithm", GaussianNoise::new));
    }

    @Override
    public List<Factory<? extends Guidance, ?>> guidances() {
        return List.of(
                SimpleFactory.of(
                        "classifier-free", "leads from the negative prompt to the prompt", ClassifierFreeGuidance::new),
                SimpleFactory.of(
                        "interval",
                        "the same between two times only, at less cost",
                        new IntervalGuidance.Config(0.2, 0.8),
                        IntervalGuidance::new),
                SimpleFactory.of(
                        "rescaled",
                        "the same with the contrast of the output for the prompt, for large scales",
                        new RescaledGuidance.Config(0.7),
                        RescaledGuidance::new));
    }

    @Override
    public List<Factory<? extends PenaltyGradient, ?>> penaltyGradients() {
        return List.of(SimpleFactory.of("sum", "the gradient of the loss with its penalties", SummedGradients::new));
    }

    @Override
    public List<Factory<? extends RewardCombination, ?>> rewardCombinations() {
        return List.of(
                SimpleFactory.of("sum", "the advantage of the weighted sum", WeightedSum::new),
                SimpleFactory.of(
                        "gdpo",
                        "each reward normalised in the groups of its prompts by itself, then the weighted sum",
                        DecoupledAdvantage::new));
    }

    @Override
    public List<Factory<? extends PromptSampler, ?>> promptSamplers() {
        return List.of(SimpleFactory.of(
                "shuffled", "one shuffled pass over the prompts after the other", ShuffledPrompts::new));
    }

    @Override
    public List<Factory<? extends RolloutBudget, ?>> rolloutBudgets() {
        return List.of(SimpleFactory.of("constant", "as many samples for every prompt", ConstantBudget::new));
    }

    @Override
    public List<Factory<? extends UpdateRule, ?>> updateRules() {
        AdamW.Settings usual = new AdamW.Settings(0.9, 0.999, 1e-8, 1e-4, 1);
        return List.of(
                SimpleFactory.of(
                        "adamw",
                        "AdamW with decoupled weight decay, gradients limited by their global norm",
                        usual,
                        settings -> settings),
                SimpleFactory.of(
                        "adamw-8bit",
                        "the same with 8-bit moments: 2 bytes for each trained number in place of 8",
                        usual,
                        EightBitAdamW::new));
    }
}
