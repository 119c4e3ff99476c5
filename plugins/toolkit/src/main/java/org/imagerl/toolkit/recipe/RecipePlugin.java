package org.imagerl.toolkit.recipe;

import java.util.List;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.Selection;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TrustRegion;

/** The parts that belong to no family. */
public final class RecipePlugin implements Plugin {

    @Override
    public String name() {
        return "recipe";
    }

    @Override
    public List<Factory<? extends Dynamics, ?>> dynamics() {
        return List.of(SimpleFactory.of(
                "ode", "without noise: Euler for flow checkpoints, DDIM with eta 0 for diffusion", OdeDynamics::new));
    }

    @Override
    public List<Factory<? extends Likelihood, ?>> likelihoods() {
        return List.of(SimpleFactory.of(
                "transition",
                "Gaussian density of each sampled step, mean over elements",
                new TransitionLikelihood.Config(TransitionLikelihood.Density.GAUSSIAN),
                TransitionLikelihood::new));
    }

    @Override
    public List<Factory<? extends Ratio, ?>> ratios() {
        return List.of(
                SimpleFactory.of("importance", "exp(l - l_old), for several updates per rollout", ImportanceRatio::new),
                SimpleFactory.of(
                        "score-function", "always 1: REINFORCE, for one update per epoch", ScoreFunction::new));
    }

    @Override
    public List<Factory<? extends TrustRegion, ?>> trustRegions() {
        return List.of(
                SimpleFactory.of("clip", "PPO's clipped surrogate", new RatioClip.Config(1e-4, null), RatioClip::new),
                SimpleFactory.of("none", "no trust region", Unclipped::new));
    }

    @Override
    public List<Factory<? extends StepWeight, ?>> stepWeights() {
        return List.of(SimpleFactory.of("uniform", "every step counts the same", UniformWeight::new));
    }

    @Override
    public List<Factory<? extends Penalty, ?>> penalties() {
        PredictionKl.Config prediction =
                new PredictionKl.Config(0.01, null, PredictionKl.Weighting.UNIFORM, PredictionError.VELOCITY);
        return List.of(
                SimpleFactory.of(
                        "kl-mean",
                        "KL divergence of the transitions from those of the reference weights",
                        new KlMean.Config(0.01, null, KlMean.Variance.STEP),
                        KlMean::new),
                SimpleFactory.of(
                        "kl-prediction",
                        "distance of the denoiser's outputs to those of the reference weights",
                        prediction,
                        PredictionKl::toReference),
                SimpleFactory.of(
                        "kl-ema",
                        "distance of the denoiser's outputs to those of the trailing EMA weights",
                        prediction,
                        PredictionKl::toTrailing));
    }

    @Override
    public List<Factory<? extends Advantage, ?>> advantages() {
        return List.of(
                SimpleFactory.of("batch", "normalised over the epoch", BatchAdvantage::new),
                SimpleFactory.of(
                        "group",
                        "the reward minus the mean of the prompt's group",
                        new GroupAdvantage.Config(true, false, 1e-4),
                        GroupAdvantage::new));
    }

    @Override
    public List<Factory<? extends Selection, ?>> selections() {
        return List.of(SimpleFactory.of("all", "every rollout that has a reward", SelectAll::new));
    }
}
