package org.imagerl.toolkit.recipe.paper;

import java.util.List;
import java.util.stream.Stream;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Preset;
import org.imagerl.spi.Selection;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.toolkit.optim.GradientTransport;
import org.imagerl.toolkit.optim.HessianAidedGradient;
import org.imagerl.toolkit.recipe.GroupAdvantage;
import org.imagerl.toolkit.recipe.KlMean;
import org.imagerl.toolkit.recipe.RatioClip;
import org.imagerl.toolkit.recipe.SimpleFactory;
import org.imagerl.toolkit.recipe.StepDivergence;
import org.imagerl.toolkit.recipe.advantage.BnpoAdvantage;
import org.imagerl.toolkit.recipe.advantage.ConstantAdvantage;
import org.imagerl.toolkit.recipe.advantage.CopgAdvantage;
import org.imagerl.toolkit.recipe.advantage.CopoAdvantage;
import org.imagerl.toolkit.recipe.advantage.EapoAdvantage;
import org.imagerl.toolkit.recipe.advantage.EmpgAdvantage;
import org.imagerl.toolkit.recipe.advantage.FDpgAdvantage;
import org.imagerl.toolkit.recipe.advantage.GtpoAdvantage;
import org.imagerl.toolkit.recipe.advantage.KlRewardAdvantage;
import org.imagerl.toolkit.recipe.advantage.OrpoAdvantage;
import org.imagerl.toolkit.recipe.advantage.RiskPoAdvantage;
import org.imagerl.toolkit.recipe.advantage.RiskPoConfig;
import org.imagerl.toolkit.recipe.advantage.RiskPoCredit;
import org.imagerl.toolkit.recipe.advantage.RlooAdvantage;
import org.imagerl.toolkit.recipe.advantage.StepSignal;
import org.imagerl.toolkit.recipe.combination.DiversityBand;
import org.imagerl.toolkit.recipe.combination.TailRisk;
import org.imagerl.toolkit.recipe.combination.Utility;
import org.imagerl.toolkit.recipe.gradient.OrthogonalGradient;
import org.imagerl.toolkit.recipe.selection.BestRandom;
import org.imagerl.toolkit.recipe.selection.BestWorst;
import org.imagerl.toolkit.recipe.selection.MaxVariance;
import org.imagerl.toolkit.recipe.trust.ClipCov;
import org.imagerl.toolkit.recipe.trust.DivergenceMask;
import org.imagerl.toolkit.recipe.trust.KlCov;
import org.imagerl.toolkit.recipe.trust.LowProbabilityRegulariser;
import org.imagerl.toolkit.recipe.trust.PairRatioClip;
import org.imagerl.toolkit.recipe.trust.PairwiseClip;
import org.imagerl.toolkit.recipe.trust.TrialDivergence;
import org.imagerl.toolkit.run.CurriculumPrompts;
import org.imagerl.toolkit.run.KnapsackBudget;
import org.imagerl.toolkit.run.RegretReplayPrompts;
import org.imagerl.toolkit.run.VarianceAwarePrompts;

/** Parts that papers published, with their settings. */
public final class PaperPlugin implements Plugin {

    @Override
    public String name() {
        return "papers";
    }

    @Override
    public List<Factory<? extends Advantage, ?>> advantages() {
        return Stream.of(advantagesOfRewards(), advantagesOfRollouts())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Factory<? extends Advantage, ?>> advantagesOfRewards() {
        return List.of(
                SimpleFactory.of(
                        "bnpo",
                        "BNPO: normalised by a Beta distribution that follows how hard the prompts are; for bounded"
                                + " rewards",
                        new BnpoAdvantage.Config(null, null),
                        BnpoAdvantage::new),
                SimpleFactory.of("constant", "1 for every rollout that is trained on", ConstantAdvantage::new),
                SimpleFactory.of(
                        "copo",
                        "COPO: prompts whose images all come out alike are compared with other prompts",
                        new CopoAdvantage.Config(20, 0.58, 0.1, 1e-4),
                        CopoAdvantage::new),
                SimpleFactory.of(
                        "riskpo",
                        "RiskPO: range value at risk over bundles of prompts",
                        new RiskPoConfig(
                                5,
                                0.2,
                                0.8,
                                1.5,
                                RiskPoConfig.Baseline.MEAN,
                                RiskPoConfig.Quantiles.MIX,
                                RiskPoCredit.SUM_MEAN),
                        RiskPoAdvantage::new),
                SimpleFactory.of(
                        "rloo", "RLOO: the reward minus the mean of the others of the group", RlooAdvantage::new));
    }

    /** Those that look at the steps of rollouts too. */
    private static List<Factory<? extends Advantage, ?>> advantagesOfRollouts() {
        GroupAdvantage.Config group = new GroupAdvantage.Config(false, false, 1e-4);
        return List.of(
                SimpleFactory.of(
                        "copg",
                        "CoPG: rewards less the log-ratio to the reference weights, compared in pairs",
                        new CopgAdvantage.Config(1),
                        CopgAdvantage::new),
                SimpleFactory.of(
                        "f-dpg",
                        "f-DPG: towards the reference weights tilted by the reward, by an f-divergence of paths",
                        new FDpgAdvantage.Config(FDpgAdvantage.Divergence.REVERSE_KL, 1),
                        FDpgAdvantage::new),
                SimpleFactory.of(
                        "gtpo",
                        "GTPO: where images of a prompt share a state, only positive advantages count, twice",
                        new GtpoAdvantage.Config(group),
                        GtpoAdvantage::new),
                SimpleFactory.of(
                        "kl-reward",
                        "the KL divergence of each step from the reference weights is subtracted from the reward",
                        new KlRewardAdvantage.Config(0.01, group),
                        KlRewardAdvantage::new),
                SimpleFactory.of(
                        "orpo",
                        "ORPO: a divergence of the path from the reference weights is subtracted from the reward",
                        new OrpoAdvantage.Config(OrpoAdvantage.Term.SQRT_CHI2, 0.01, group),
                        OrpoAdvantage::new),
                SimpleFactory.of(
                        "eapo",
                        "EAPO: rewards discounted towards early steps",
                        new EapoAdvantage.Config(0.95, false, 1e-4),
                        EapoAdvantage::new),
                SimpleFactory.of(
                        "empg",
                        "EMPG: steps at which the prediction of the image is settled count more",
                        new EmpgAdvantage.Config(1, 1, 0.1, StepSignal.SPREAD, group),
                        EmpgAdvantage::new));
    }

    @Override
    public List<Factory<? extends Selection, ?>> selections() {
        MaxVariance.Config half = new MaxVariance.Config(0.5, null);
        return List.of(
                SimpleFactory.of(
                        "best-of-n", "the best images of every prompt", new BestWorst.BestConfig(1), BestWorst::best),
                SimpleFactory.of(
                        "best-random",
                        "PF-PPO: the best image of every prompt more often than the others",
                        new BestRandom.Config(4, 0.4, 0.1),
                        BestRandom::new),
                SimpleFactory.of(
                        "best-worst",
                        "PF-PPO: the best and the worst images of every prompt",
                        new BestWorst.Config(1, 1),
                        BestWorst::new),
                SimpleFactory.of(
                        "d3s", "D3S: the images of the epoch whose advantages vary most", half, MaxVariance::ofEpoch),
                SimpleFactory.of(
                        "pods",
                        "PODS: the images of every prompt whose rewards vary most",
                        half,
                        MaxVariance::ofGroups));
    }

    @Override
    public List<Factory<? extends TrustRegion, ?>> trustRegions() {
        return List.of(
                SimpleFactory.of(
                        "clip-cov",
                        "Clip-Cov: some samples and steps of a high covariance of advantage and density are dropped",
                        new ClipCov.Config(1, 0.9, 1, 2),
                        ClipCov::new),
                SimpleFactory.of(
                        "dppo",
                        "Flow-DPPO: what is beyond a divergence of the step and moves further away is stopped",
                        new DivergenceMask.Config(1e-5),
                        DivergenceMask::new),
                SimpleFactory.of(
                        "kl-cov",
                        "KL-Cov: samples and steps of the highest covariance of advantage and density are held back",
                        new KlCov.Config(2, 1),
                        KlCov::new),
                SimpleFactory.of(
                        "lp-reg",
                        "Lp-Reg: unlikely steps of a negative advantage are held to a proxy policy",
                        new LowProbabilityRegulariser.Config(0.01, 1, LowProbabilityRegulariser.Proxy.EMA, 1, 9),
                        LowProbabilityRegulariser::new),
                SimpleFactory.of(
                        "pair-ratio-clip",
                        "P3O, its second version: a clip of the quotient of the ratios of two images of a prompt",
                        new RatioClip.Config(1e-4, null),
                        PairRatioClip::new),
                SimpleFactory.of(
                        "pairwise-clip",
                        "P3O: PPO's clip for every pair of images of a prompt",
                        new RatioClip.Config(1e-4, null),
                        PairwiseClip::new),
                SimpleFactory.of(
                        "trial-step",
                        "after CAPO: what the update, made on trial, would move too far is left out",
                        new TrialDivergence.Config(1e-5),
                        TrialDivergence::new));
    }

    @Override
    public List<Factory<? extends Penalty, ?>> penalties() {
        return List.of(
                SimpleFactory.of(
                        "kl-behaviour",
                        "MDPO: KL divergence of the transitions from those of the policy that sampled",
                        new KlMean.Config(0.1, null, KlMean.Variance.STEP),
                        KlMean::toBehaviour),
                SimpleFactory.of(
                        "f-divergence",
                        "another divergence of the transitions from those of the reference weights: chi-squared and"
                                + " others",
                        new StepDivergence.Config(
                                StepDivergence.Divergence.CHI2, 0.01, null, StepDivergence.Elements.MEAN, 1e-4),
                        StepDivergence::new));
    }

    @Override
    public List<Factory<? extends PenaltyGradient, ?>> penaltyGradients() {
        return List.of(SimpleFactory.of(
                "odice",
                "ODICE: of the penalties' gradient only what is orthogonal to that of the policy's loss",
                new OrthogonalGradient.Config(1),
                OrthogonalGradient::new));
    }

    @Override
    public List<Factory<? extends RewardCombination, ?>> rewardCombinations() {
        return List.of(
                SimpleFactory.of(
                        "cvar",
                        "conditional value at risk: only rewards below a quantile count",
                        new TailRisk.Config(0.2),
                        TailRisk::new),
                SimpleFactory.of(
                        "epo-band",
                        "EPO: diversity is rewarded where it falls below what it was, and penalised where it rises"
                                + " above",
                        new DiversityBand.Config("diversity", 0.8, 1.2),
                        DiversityBand::new),
                SimpleFactory.of(
                        "utility",
                        "a utility of the sum: up to a target, near a target, or averse to risk",
                        new Utility.Config(Utility.Kind.CAP, 1, 1, 0),
                        Utility::new));
    }

    @Override
    public List<Factory<? extends PromptSampler, ?>> promptSamplers() {
        return List.of(
                SimpleFactory.of(
                        "curriculum",
                        "CRAFT-GUI: stages of growing difficulty, which a field of the prompts states",
                        new CurriculumPrompts.Config("difficulty", List.of(), 10, null),
                        CurriculumPrompts::new),
                SimpleFactory.of(
                        "regret-replay",
                        "GROOVE: prompts are repeated whose images were better once",
                        new RegretReplayPrompts.Config(0.5, 0.1),
                        RegretReplayPrompts::new),
                SimpleFactory.of(
                        "variance-aware",
                        "MMR1: prompts of which some images succeed and some fail come more often",
                        new VarianceAwarePrompts.Config(0.5, null, 0.9),
                        VarianceAwarePrompts::new));
    }

    @Override
    public List<Factory<? extends RolloutBudget, ?>> rolloutBudgets() {
        return List.of(SimpleFactory.of(
                "knapsack",
                "Knapsack RL: more images of the prompts where they are worth most",
                new KnapsackBudget.Config(2, 128, null),
                KnapsackBudget::new));
    }

    @Override
    public List<Factory<? extends UpdateRule, ?>> updateRules() {
        return List.of(
                SimpleFactory.of(
                        "n-harpg",
                        "N-HARPG: steps of a given length along a mean of gradients, which differences of gradients"
                                + " carry along",
                        HessianAidedGradient.Settings.PUBLISHED,
                        settings -> settings),
                SimpleFactory.of(
                        "n-pg-igt",
                        "N-PG-IGT: steps of a given length along a mean of gradients; rollouts sampled ahead of the"
                                + " weights",
                        GradientTransport.Settings.PUBLISHED,
                        settings -> settings));
    }

    @Override
    public List<Preset> presets() {
        return PaperPresets.all();
    }
}
