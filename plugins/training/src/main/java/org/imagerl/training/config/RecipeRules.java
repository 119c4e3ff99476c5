package org.imagerl.training.config;

import org.imagerl.config.registry.BoundPart;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.run.RewardCombination;
import org.jspecify.annotations.Nullable;

/** Which parts of an algorithm go together. */
final class RecipeRules {
    private final RunConfig config;
    private final RunParts parts;
    private final RuleReport report;

    private RecipeRules(RunConfig config, RunParts parts, RuleReport report) {
        this.config = config;
        this.parts = parts;
        this.report = report;
    }

    /** Reports what does not hold. */
    static void check(RunConfig config, RunParts parts, RuleReport report) {
        RecipeRules rules = new RecipeRules(config, parts, report);
        rules.recipe();
        rules.matching();
        rules.objective();
        rules.groups();
    }

    private void recipe() {
        AlgorithmConfig algorithm = config.algorithm();
        recipePart("likelihood", algorithm.likelihood());
        recipePart("ratio", algorithm.ratio());
        recipePart("trust_region", algorithm.trustRegion());
        recipePart("step_weight", algorithm.stepWeight());
        onlyInRecipe("penalty", algorithm.penalty());
        onlyInRecipe("proximal", algorithm.proximal());
        PenaltyGradient joined = parts.find("algorithm.penalty_gradient", PenaltyGradient.class);
        if (joined != null && joined.apart() && algorithm.penalty() == null && algorithm.proximal() == null) {
            report.problem(
                    "algorithm.penalty_gradient",
                    RuleReport.type(algorithm.penaltyGradient())
                            + " joins the gradient of a penalty, and there is none; add algorithm.penalty, or leave it"
                            + " out");
        }
    }

    private void onlyInRecipe(String key, @Nullable BoundPart<?> part) {
        if (config.algorithm().objective() != null && part != null) {
            report.problem("algorithm." + key, "does not go with algorithm.objective, which has its own loss");
        }
    }

    private void recipePart(String key, @Nullable BoundPart<?> part) {
        onlyInRecipe(key, part);
        if (config.algorithm().objective() == null && part == null) {
            report.problem("algorithm." + key, "is missing; name a preset (algorithm: ddpo) or give all parts");
        }
    }

    /** Refuses parts that look at transitions beside a likelihood that has none. */
    private void matching() {
        AlgorithmConfig algorithm = config.algorithm();
        Likelihood likelihood = parts.find("algorithm.likelihood", Likelihood.class);
        if (likelihood == null) {
            return;
        }
        report.checked(
                "algorithm.likelihood", () -> likelihood.check(config.rollout().steps()));
        if (likelihood.needsDensity()) {
            return;
        }
        Ratio ratio = parts.find("algorithm.ratio", Ratio.class);
        withoutTransitions("ratio", algorithm.ratio(), ratio != null && ratio.needsTransition());
        StepWeight weight = parts.find("algorithm.step_weight", StepWeight.class);
        withoutTransitions("step_weight", algorithm.stepWeight(), weight != null && weight.needsTransition());
        TrustRegion region = parts.find("algorithm.trust_region", TrustRegion.class);
        withoutTransitions("trust_region", algorithm.trustRegion(), region != null && region.needsTransition());
        Penalty penalty = parts.find("algorithm.penalty", Penalty.class);
        withoutTransitions("penalty", algorithm.penalty(), penalty != null && penalty.needsTransition());
        Penalty proximal = parts.find("algorithm.proximal", Penalty.class);
        withoutTransitions("proximal", algorithm.proximal(), proximal != null && proximal.needsTransition());
        Advantage advantage = parts.find("algorithm.advantage", Advantage.class);
        withoutTransitions(
                "advantage",
                algorithm.advantage(),
                advantage != null && advantage.needs().density());
        if (config.run().diagnoseEvery() > 0) {
            report.problem(
                    "run.diagnose_every",
                    "looks at the trained steps of rollouts, but " + RuleReport.type(algorithm.likelihood())
                            + " trains on finished images alone; leave it at 0");
        }
        if (!(algorithm.trainedSteps() instanceof TrainedSteps.All)) {
            report.problem(
                    "algorithm.trained_steps",
                    "chooses among the steps of rollouts, but " + RuleReport.type(algorithm.likelihood())
                            + " trains on finished images alone; leave it at all");
        }
    }

    private void withoutTransitions(String key, @Nullable BoundPart<?> part, boolean needs) {
        if (needs) {
            report.problem(
                    "algorithm." + key,
                    RuleReport.type(part) + " looks at the transitions of a rollout, but the likelihood "
                            + RuleReport.type(config.algorithm().likelihood()) + " has none; use another "
                            + key.replace('_', ' ')
                            + ", or the likelihood transition");
        }
    }

    private void objective() {
        Objective objective = parts.find("algorithm.objective", Objective.class);
        if (objective != null) {
            losses(objective);
            report.checked(
                    "algorithm.objective",
                    () -> objective.checkSteps(config.rollout().steps()));
        }
    }

    /** Refuses parts that choose among the losses of steps beside an objective that has none. */
    private void losses(Objective objective) {
        if (objective.needs().density() && !objective.needs().onPolicy()) {
            return;
        }
        String type = RuleReport.type(config.algorithm().objective());
        if (config.run().diagnoseEvery() > 0) {
            report.problem(
                    "run.diagnose_every", "takes losses of steps apart, and " + type + " has none; leave it at 0");
        }
        if (!(config.algorithm().trainedSteps() instanceof TrainedSteps.All)) {
            report.problem(
                    "algorithm.trained_steps",
                    "chooses among losses of steps, and " + type + " has none; leave it at all");
        }
    }

    private void groups() {
        Advantage advantage = parts.find("algorithm.advantage", Advantage.class);
        RewardCombination combination = parts.find("reward_combination", RewardCombination.class);
        if (advantage == null || combination == null || config.data() != null) {
            return;
        }
        report.checked(
                "reward_combination",
                () -> combination.check(
                        config.rewards().stream().map(RewardEntry::label).toList()));
        if (combination.usesAdvantage()) {
            report.checked(
                    "algorithm.advantage",
                    () -> advantage.check(
                            config.rollout().promptsPerEpoch(), config.rollout().samplesPerPrompt()));
            wholeObjective(advantage);
        }
        int group = config.rollout().samplesPerPrompt();
        int minimum = RunParts.minimumGroup(combination, advantage);
        if (group < minimum) {
            report.problem(
                    "rollout.samples_per_prompt",
                    (group == 1 ? "a group of one" : "a group of " + group) + " says nothing about advantages: "
                            + (combination.usesAdvantage()
                                    ? config.algorithm().advantage().type()
                                    : "reward_combination "
                                            + config.rewardCombination().type())
                            + " compares at least " + minimum + " images of a prompt",
                    group);
        }
    }

    /** Advantages of steps, beside an objective that has no losses of steps. */
    private void wholeObjective(Advantage advantage) {
        Objective objective = parts.find("algorithm.objective", Objective.class);
        if (objective != null
                && advantage.needs().density()
                && !objective.needs().density()) {
            report.problem(
                    "algorithm.advantage",
                    RuleReport.type(config.algorithm().advantage())
                            + " tells the steps of a rollout apart, and the objective "
                            + RuleReport.type(config.algorithm().objective())
                            + " has no losses of steps; use another advantage");
        }
    }
}
