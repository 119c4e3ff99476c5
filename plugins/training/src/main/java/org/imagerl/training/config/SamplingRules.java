package org.imagerl.training.config;

import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.WeightSet;

/** How images are made, for training and for evaluation. */
final class SamplingRules {
    private final RunConfig config;
    private final RunParts parts;
    private final RuleReport report;

    private SamplingRules(RunConfig config, RunParts parts, RuleReport report) {
        this.config = config;
        this.parts = parts;
        this.report = report;
    }

    /** Reports what does not hold. */
    static void check(RunConfig config, RunParts parts, RuleReport report) {
        SamplingRules rules = new SamplingRules(config, parts, report);
        rules.dynamics();
        rules.guidance();
        rules.guidanceRule();
        rules.hints();
        rules.policyGuidance();
    }

    /** Rollouts are led from one set of weights to another: there must be two, and something must be sampled. */
    private void policyGuidance() {
        Double coefficient = config.rollout().policyGuidance();
        if (coefficient == null) {
            return;
        }
        if (config.algorithm().sampledBy() != AlgorithmConfig.SampledBy.EMA) {
            report.problem(
                    "rollout.policy_guidance",
                    "leads rollouts of the EMA weights towards the live ones, and algorithm.sampled_by is live: make it"
                            + " ema, or leave the guidance out",
                    coefficient);
        }
        if (config.data() != null) {
            report.problem(
                    "rollout.policy_guidance",
                    "leads rollouts, and data takes their place; leave one of them out",
                    coefficient);
        }
        Objective objective = parts.objectiveIfMade();
        if (objective != null && objective.needs().weights().contains(WeightSet.BEHAVIOUR)) {
            report.problem(
                    "rollout.policy_guidance",
                    "samples with a mixture of two policies, and "
                            + RuleReport.type(config.algorithm().objective())
                            + " asks the weights that sampled; leave the guidance out",
                    coefficient);
        }
    }

    private void dynamics() {
        Dynamics dynamics = parts.find("rollout.dynamics", Dynamics.class);
        if (dynamics == null) {
            return;
        }
        if (!dynamics.stochastic() && needsDensity()) {
            report.problem(
                    "rollout.dynamics",
                    "adds no noise, so that its steps have no density, which the algorithm needs; make it stochastic "
                            + "(ddim: eta above 0; flow-sde: noise_level above 0)");
        }
        report.checked("rollout.dynamics", () -> dynamics.check(config.rollout().steps()));
        sharedNoise(dynamics);
        RunConfig.Evaluation evaluation = config.evaluation();
        if (evaluation != null) {
            evaluation(evaluation, dynamics);
        }
    }

    /** A hinted image must fit in among the others of its prompt. */
    private void hints() {
        RolloutConfig.Hints hints = config.rollout().hints();
        if (hints == null) {
            return;
        }
        if (config.rollout().sharedNoise() || config.rollout().strength() != null || config.data() != null) {
            report.problem(
                    "rollout.hints",
                    "make images that begin with noise of their own: leave out rollout.shared_noise, rollout.strength"
                            + " and data, or the hints");
        }
        Objective objective = parts.objectiveIfMade();
        if (objective != null && objective.needs().onPolicy()) {
            report.problem(
                    "rollout.hints",
                    "put images among the rollouts that the policy did not draw, and "
                            + RuleReport.type(config.algorithm().objective())
                            + " differentiates the rollouts themselves; leave the hints out");
        }
        boolean images = hints.levels().stream().anyMatch(level -> level.image() != null);
        if (images && objective != null && objective.needs().density() && objective.unit() != TrainingUnit.SAMPLE) {
            report.problem(
                    "rollout.hints",
                    "begin with images, so that their first steps are not trained, and the algorithm compares the steps"
                            + " of two images with each other; leave the images out of the hints, or take an algorithm"
                            + " that trains on single samples");
        }
    }

    private boolean needsDensity() {
        Objective objective = parts.objectiveIfMade();
        return objective != null && objective.needs().density();
    }

    /** Samples that begin alike must part somewhere, and there must be some. */
    private void sharedNoise(Dynamics dynamics) {
        if (!config.rollout().sharedNoise()) {
            return;
        }
        if (!dynamics.stochastic()) {
            report.problem(
                    "rollout.shared_noise",
                    "makes all samples of a prompt the same image, since rollout.dynamics "
                            + config.rollout().dynamics().type()
                            + " adds no noise on the way; leave it out, or use dynamics with noise",
                    true);
        }
        if (config.rollout().strength() != null) {
            report.problem(
                    "rollout.shared_noise",
                    "does not go with rollout.strength: samples that begin with an image have"
                            + " noise of their own; leave one of them out",
                    true);
        }
        if (config.rollout().samplesPerPrompt() == 1) {
            report.problem(
                    "rollout.shared_noise",
                    "has no effect where rollout.samples_per_prompt is 1; leave it out, or use more samples",
                    true);
        }
    }

    private void evaluation(RunConfig.Evaluation evaluation, Dynamics ofRollouts) {
        Integer given = evaluation.steps();
        int steps = given == null ? config.rollout().steps() : given;
        if (evaluation.reference() > 0 && evaluation.correction().steps(steps) == 0) {
            report.problem(
                    "evaluation.reference_from",
                    "to evaluation.reference_to covers none of the " + steps + " steps; take a wider range",
                    evaluation.referenceFrom());
        }
        Dynamics own = parts.find("evaluation.dynamics", Dynamics.class);
        if (own != null) {
            report.checked("evaluation.dynamics", () -> own.check(steps));
        } else if (given != null && evaluation.dynamics() == null) {
            report.checked("evaluation.steps", () -> ofRollouts.check(steps));
        }
    }

    private void guidanceRule() {
        RunConfig.Evaluation evaluation = config.evaluation();
        Double evaluated = evaluation == null ? null : evaluation.guidance();
        boolean guided = config.rollout().guidance() != 1
                || config.trainedGuidance() != 1
                || (evaluated != null && evaluated != 1);
        String rule = config.rollout().guidanceRule().type();
        if (!guided && !rule.equals("classifier-free")) {
            report.problem(
                    "rollout.guidance_rule",
                    "has no effect where rollout.guidance is 1, which is none; raise the scale, or leave the rule out",
                    rule);
        }
    }

    /** Training with another guidance than the rollouts had is right only where nothing asks how their steps were made. */
    private void guidance() {
        if (config.trainedGuidance() == config.rollout().guidance()) {
            return;
        }
        AlgorithmConfig algorithm = config.algorithm();
        String other = "is not that of the rollouts, rollout.guidance "
                + config.rollout().guidance() + ", and ";
        if (algorithm.objective() != null && !parts.objective().trainsWithAnyGuidance()) {
            report.problem(
                    "algorithm.guidance",
                    other + RuleReport.type(algorithm.objective())
                            + " trains with that of the rollouts, or with none; leave it out",
                    config.trainedGuidance());
        }
        Likelihood likelihood = parts.find("algorithm.likelihood", Likelihood.class);
        if (likelihood != null && likelihood.needsDensity()) {
            report.problem(
                    "algorithm.guidance",
                    other + RuleReport.type(algorithm.likelihood())
                            + " asks how likely the steps of the rollouts are, which were made with theirs: no ratio"
                            + " would be 1 before the first update; leave it out, or give both the same value",
                    config.trainedGuidance());
        }
    }
}
