package org.imagerl.flow;

import java.util.List;
import org.imagerl.flow.awm.MatchingLikelihood;
import org.imagerl.flow.awm.Weighting;
import org.imagerl.flow.crd.CrdObjective;
import org.imagerl.flow.dgpo.DgpoObjective;
import org.imagerl.flow.dynamics.Cps;
import org.imagerl.flow.dynamics.DanceSde;
import org.imagerl.flow.dynamics.FlowEuler;
import org.imagerl.flow.dynamics.FlowHeun;
import org.imagerl.flow.dynamics.FlowSde;
import org.imagerl.flow.dynamics.Window;
import org.imagerl.flow.guard.InverseStep;
import org.imagerl.flow.guard.NormalisedRatio;
import org.imagerl.flow.hpt.HptFactory;
import org.imagerl.flow.matching.Times;
import org.imagerl.flow.nft.NftObjective;
import org.imagerl.flow.pairs.PairLoss;
import org.imagerl.flow.pairs.PairwiseObjective;
import org.imagerl.flow.pipeline.Flux;
import org.imagerl.flow.pipeline.StableDiffusion3;
import org.imagerl.flow.pretrain.Sd3PretrainingFactory;
import org.imagerl.flow.supervised.DistillationFactory;
import org.imagerl.flow.supervised.SftObjective;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Preset;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.StepWeight;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.recipe.SimpleFactory;

/** Flow-matching models and the algorithms published with them. */
public final class FlowPlugin implements Plugin {
    private static final Window ALL = new Window.All();

    @Override
    public String name() {
        return "flow";
    }

    @Override
    public List<PipelineFactory> pipelines() {
        return List.of(StableDiffusion3.FAMILY, Flux.FAMILY);
    }

    @Override
    public List<Factory<? extends Dynamics, ?>> dynamics() {
        return List.of(
                SimpleFactory.of("flow-euler", "Euler's method on the flow, without noise", FlowEuler::new)
                        .alsoNamed("FlowMatchEulerDiscreteScheduler"),
                SimpleFactory.of(
                                "flow-heun",
                                "Heun's method on the flow, without noise: N steps are 2 N - 1 calls of the denoiser",
                                FlowHeun::new)
                        .alsoNamed("FlowMatchHeunDiscreteScheduler"),
                SimpleFactory.of("flow-sde", "Flow-GRPO's SDE", new FlowSde.Config(0.7, ALL, false), FlowSde::dynamics),
                SimpleFactory.of(
                        "dance-sde",
                        "DanceGRPO's SDE, constant noise",
                        new DanceSde.Config(0.3, ALL, false),
                        DanceSde::dynamics),
                SimpleFactory.of(
                        "cps",
                        "coefficients-preserving sampling: a part of the noise is drawn anew",
                        new Cps.Config(0.8, ALL),
                        Cps::dynamics));
    }

    @Override
    public List<Factory<? extends Likelihood, ?>> likelihoods() {
        MatchingLikelihood.Config defaults = new MatchingLikelihood.Config(
                Weighting.GHUBER, 0.25, 6, new Times.Discrete(1, 0.9), PredictionError.VELOCITY);
        return List.of(SimpleFactory.of(
                "matching", "minus the matching loss of finished images", defaults, MatchingLikelihood::new));
    }

    @Override
    public List<Factory<? extends Objective, ?>> objectives() {
        NftObjective.Config nft = new NftObjective.Config(1, 5, 1e-4, 9, new Times.Discrete(0, 0.99));
        DgpoObjective.Config dgpo = new DgpoObjective.Config(10, 0.05, 1e-3, 4, new Times.Discrete(0, 0.7));
        CrdObjective.Config crd = new CrdObjective.Config(
                1, CrdObjective.Form.SQUARED, true, null, 5, 0.1, true, 9, new Times.Discrete(0, 0.99));
        PairwiseObjective.Config pairs = new PairwiseObjective.Config(
                new PairLoss.Dpo(100), 0, PredictionError.VELOCITY, 1, new Times.LogitNormal(0, 1, 0.01, 0.99), 0);
        return List.of(
                SimpleFactory.of(
                        "sft",
                        "the plain loss of pretraining on images from disk, without rewards",
                        new SftObjective.Config(0.1, PredictionError.OUTPUT, 1, new Times.Uniform(0, 1)),
                        SftObjective::new),
                new DistillationFactory(),
                new HptFactory(),
                SimpleFactory.of(
                                "pairs",
                                "preferences between two images of a prompt: the loss of DPO, IPO, KTO, CPL or TGDPO, with RPO's anchor",
                                pairs,
                                PairwiseObjective::new)
                        .alsoNamed("diffusion-dpo"), // the former name
                SimpleFactory.of(
                        "nft",
                        "DiffusionNFT: a positive and a negative policy on finished images, without densities",
                        nft,
                        NftObjective::new),
                SimpleFactory.of(
                        "dgpo",
                        "DGPO: a prompt's good images are preferred to its bad ones, all at once",
                        dgpo,
                        DgpoObjective::new),
                SimpleFactory.of(
                        "crd",
                        "centered reward distillation: implicit rewards are regressed on rewards, both centred",
                        crd,
                        CrdObjective::new));
    }

    @Override
    public List<Factory<? extends Ratio, ?>> ratios() {
        return List.of(SimpleFactory.of(
                "normalised", "GRPO-Guard's: mean 1, and the same spread at every step", NormalisedRatio::new));
    }

    @Override
    public List<Factory<? extends StepWeight, ?>> stepWeights() {
        return List.of(SimpleFactory.of(
                "inverse-step", "GRPO-Guard's: every step moves the denoiser's output alike", InverseStep::new));
    }

    @Override
    public List<Factory<? extends Pretraining, ?>> pretrainings() {
        return List.of(new Sd3PretrainingFactory());
    }

    @Override
    public List<Preset> presets() {
        return FlowPresets.all();
    }
}
