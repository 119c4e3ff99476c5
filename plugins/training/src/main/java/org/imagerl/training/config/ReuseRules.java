package org.imagerl.training.config;

import org.imagerl.spi.Objective;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.run.UpdateRule;

/** The rules for how many updates may be made with the rollouts of an epoch. */
final class ReuseRules {
    private final RunConfig config;
    private final RunParts parts;
    private final RuleReport report;

    private ReuseRules(RunConfig config, RunParts parts, RuleReport report) {
        this.config = config;
        this.parts = parts;
        this.report = report;
    }

    /** Reports what does not hold. */
    static void check(RunConfig config, RunParts parts, RuleReport report) {
        ReuseRules rules = new ReuseRules(config, parts, report);
        rules.onPolicy();
        rules.ratio();
        rules.updateRule();
    }

    /** What differentiates the way itself, not its density: after an update it would be another way. */
    private void onPolicy() {
        Objective objective = parts.find("algorithm.objective", Objective.class);
        if (objective == null || !objective.needs().onPolicy()) {
            return;
        }
        goodFor(
                1,
                RuleReport.type(config.algorithm().objective()) + " differentiates the rollouts themselves",
                "take more epochs");
    }

    /** What compares with no old policy: a further update would be of rollouts that are not the policy's own, and nothing would show it. */
    private void ratio() {
        Ratio ratio = parts.find("algorithm.ratio", Ratio.class);
        if (ratio != null) {
            goodFor(
                    ratio.updates(),
                    "the ratio " + RuleReport.type(config.algorithm().ratio())
                            + " compares with no policy that sampled",
                    "take more epochs, or a ratio that corrects for it (importance)");
        }
    }

    /** Refuses several updates for an optimiser that must sample at the point at which it differentiates. */
    private void updateRule() {
        UpdateRule rule = parts.find("optimiser", UpdateRule.class);
        if (rule != null) {
            goodFor(
                    rule.updates(),
                    "the optimiser " + RuleReport.type(config.optimiser().rule())
                            + " needs gradients at the weights that sampled",
                    "take more epochs, or another optimiser.type (adamw)");
            compared(rule);
        }
    }

    /** Gradients at weights that did not sample need a ratio that corrects for it. */
    private void compared(UpdateRule rule) {
        Ratio ratio = parts.find("algorithm.ratio", Ratio.class);
        Objective objective = parts.find("algorithm.objective", Objective.class);
        boolean uncorrected = ratio != null && ratio.updates() == 1;
        if (rule.compares()
                && (uncorrected || (objective != null && objective.needs().onPolicy()))) {
            report.problem(
                    "optimiser.type",
                    RuleReport.type(config.optimiser().rule())
                            + " differentiates at the weights of the update before too, and "
                            + (uncorrected
                                    ? "the ratio "
                                            + RuleReport.type(config.algorithm().ratio())
                                    : RuleReport.type(config.algorithm().objective()))
                            + " is right only at the weights that sampled; use the ratio importance, or another"
                            + " optimiser");
        }
    }

    /**
     * Rollouts that are good for so many updates get no more.
     *
     * @param why what makes them so, the beginning of a sentence
     * @param remedy beside a lower number
     */
    private void goodFor(int updates, String why, String remedy) {
        if (updates == 1 && config.algorithm().sampledBy() != AlgorithmConfig.SampledBy.LIVE) {
            report.problem(
                    "algorithm.sampled_by",
                    "must be live: " + why + ", and the rollouts are those of other weights then");
        }
        long made =
                (long) config.optimiser().updatesPerEpoch() * config.optimiser().innerEpochs();
        if (made > updates) {
            report.problem(
                    "optimiser.updates_per_epoch",
                    "times inner_epochs must be " + (updates == 1 ? "1: " : "at most " + updates + ": ") + why
                            + ", and after an update the rollouts are those of other weights; " + remedy,
                    made);
        }
    }
}
