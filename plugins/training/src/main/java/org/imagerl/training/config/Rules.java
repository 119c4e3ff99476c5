package org.imagerl.training.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.imagerl.config.Origin;
import org.imagerl.config.Problems;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.Reward;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.spi.run.UpdateRule;
import org.jspecify.annotations.Nullable;

/** What must hold across keys for a run to make sense; each rule says why. */
public final class Rules {
    private final EffectiveConfig effective;
    private final RunConfig config;
    private final Problems problems;
    private final RunParts parts;

    private Rules(EffectiveConfig effective, RunParts parts, Problems problems) {
        this.effective = effective;
        this.config = effective.config();
        this.problems = problems;
        this.parts = parts;
    }

    /** Checks all rules that need no checkpoint and no prompts. */
    static void check(EffectiveConfig effective, RunParts parts, Problems problems) {
        new Rules(effective, parts, problems).all();
    }

    private void all() {
        tuning();
        batches();
        steps();
        rewardNames();
        recipe();
        dynamics();
        matching();
        groups();
        budget();
        onPolicy();
        ratio();
        updateRule();
        guidance();
        units();
    }

    /**
     * Checks that every prompt can be scored by every reward, before any image is made.
     *
     * @throws UserException with all that cannot
     */
    public static void checkPrompts(List<Reward> rewards, List<Prompt> prompts) {
        Problems problems = new Problems();
        for (Prompt prompt : prompts) {
            for (Reward reward : rewards) {
                try {
                    reward.check(prompt);
                } catch (UserException e) {
                    Origin origin = Origin.of("prompt " + prompt.id());
                    problems.add(origin, "", String.valueOf(e.getMessage()), prompt.text());
                }
            }
        }
        problems.throwIfAny();
    }

    /**
     * Checks that an epoch has no prompt twice where prompts are compared within groups: its groups would mix.
     *
     * @param prompts how many there are to train on
     * @throws UserException if there are too few prompts
     */
    public static void checkGroups(RunConfig.Rollout rollout, RunParts parts, int prompts) {
        boolean compared = parts.minimumGroup() > 1 || parts.objective().unit() == TrainingUnit.GROUP;
        if (compared && rollout.promptsPerEpoch() > prompts) {
            throw UserException.input(
                    "rollout.prompts_per_epoch: is " + rollout.promptsPerEpoch() + ", but there are only "
                            + prompts
                            + " prompts to train on: the groups of a prompt that an epoch has twice would mix. Use at"
                            + " most "
                            + prompts + ", and more samples_per_prompt for larger groups");
        }
    }

    private void tuning() {
        if (config.tuning() instanceof TuningSpec.Lora lora && lora.rank() < 1) {
            problem("tuning.rank", "must be at least 1", lora.rank());
        }
    }

    private void batches() {
        try {
            workers(BatchPlan.of(config.rollout(), config.optimiser()));
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            String key = message.substring(0, message.indexOf(' '));
            problem("optimiser." + key, message.substring(key.length() + 1));
        }
    }

    private void workers(BatchPlan plan) {
        int batch = config.rollout().batchSize();
        int batches = (plan.samples() + batch - 1) / batch;
        if (config.workers() > Math.min(batches, plan.accumulation())) {
            problem(
                    "workers",
                    "are more than the batches can keep busy: batches of rollouts in an epoch: " + batches
                            + ", micro-batches in an update: " + plan.accumulation()
                            + "; lower rollout.batch_size or optimiser.micro_batch, or take fewer workers",
                    config.workers());
        }
        shards(plan);
    }

    /** A shard without a micro-batch would be no shard, and a worker without a shard would have nothing to do. */
    private void shards(BatchPlan plan) {
        if (config.shardCount() < config.workers()) {
            problem(
                    "shards",
                    "must be at least as many as workers, which are " + config.workers()
                            + "; take fewer workers, or leave shards out",
                    config.shardCount());
        } else if (config.shardCount() > plan.accumulation() && config.shards() != null) {
            problem(
                    "shards",
                    "are more than an update has micro-batches, which are " + plan.accumulation()
                            + "; lower optimiser.micro_batch, or take fewer shards",
                    config.shardCount());
        }
    }

    private void steps() {
        int steps = config.rollout().steps();
        if (config.algorithm().trainedSteps() instanceof TrainedSteps.Fixed fixed) {
            fixed.steps().stream()
                    .filter(step -> step >= steps)
                    .forEach(step -> problem(
                            "algorithm.trained_steps.steps", "must be below rollout.steps, which is " + steps, step));
        }
    }

    private void rewardNames() {
        Set<String> names = new HashSet<>();
        Stream.of("rewards", "evaluation_rewards").forEach(key -> {
            List<RewardEntry> entries = key.equals("rewards") ? config.rewards() : config.evaluationRewards();
            for (int i = 0; i < entries.size(); i++) {
                String label = entries.get(i).label();
                if (!names.add(label)) {
                    problem(key + "[" + i + "]", "two rewards have the same name; set `name`", label);
                }
            }
        });
    }

    private void recipe() {
        RunConfig.Algorithm algorithm = config.algorithm();
        recipePart("likelihood", algorithm.likelihood());
        recipePart("ratio", algorithm.ratio());
        recipePart("trust_region", algorithm.trustRegion());
        recipePart("step_weight", algorithm.stepWeight());
        onlyInRecipe("penalty", algorithm.penalty());
        onlyInRecipe("proximal", algorithm.proximal());
    }

    private void onlyInRecipe(String key, @Nullable BoundPart<?> part) {
        if (config.algorithm().objective() != null && part != null) {
            problem("algorithm." + key, "does not go with algorithm.objective, which has its own loss");
        }
    }

    private void recipePart(String key, @Nullable BoundPart<?> part) {
        onlyInRecipe(key, part);
        if (config.algorithm().objective() == null && part == null) {
            problem("algorithm." + key, "is missing; name a preset (algorithm: ddpo) or give all parts");
        }
    }

    private void dynamics() {
        Dynamics dynamics = parts.find("rollout.dynamics", Dynamics.class);
        if (dynamics == null) {
            return;
        }
        if (!dynamics.stochastic() && needsDensity()) {
            problem(
                    "rollout.dynamics",
                    "adds no noise, so that its steps have no density, which the algorithm needs; make it stochastic "
                            + "(ddim: eta above 0; flow-sde: noise_level above 0)");
        }
        checked("rollout.dynamics", () -> dynamics.check(config.rollout().steps()));
        sharedNoise(dynamics);
        RunConfig.Evaluation evaluation = config.evaluation();
        if (evaluation != null) {
            evaluation(evaluation, dynamics);
        }
    }

    /** Samples that begin alike must part somewhere, and there must be some. */
    private void sharedNoise(Dynamics dynamics) {
        if (!config.rollout().sharedNoise()) {
            return;
        }
        if (!dynamics.stochastic()) {
            problem(
                    "rollout.shared_noise",
                    "makes all samples of a prompt the same image, since rollout.dynamics "
                            + config.rollout().dynamics().type()
                            + " adds no noise on the way; leave it out, or use dynamics with noise",
                    true);
        }
        if (config.rollout().strength() != null) {
            problem(
                    "rollout.shared_noise",
                    "does not go with rollout.strength: samples that begin with an image have"
                            + " noise of their own; leave one of them out",
                    true);
        }
        if (config.rollout().samplesPerPrompt() == 1) {
            problem(
                    "rollout.shared_noise",
                    "has no effect where rollout.samples_per_prompt is 1; leave it out, or use more samples",
                    true);
        }
    }

    private void evaluation(RunConfig.Evaluation evaluation, Dynamics ofRollouts) {
        Integer given = evaluation.steps();
        int steps = given == null ? config.rollout().steps() : given;
        Dynamics own = parts.find("evaluation.dynamics", Dynamics.class);
        if (own != null) {
            checked("evaluation.dynamics", () -> own.check(steps));
        } else if (given != null && evaluation.dynamics() == null) {
            checked("evaluation.steps", () -> ofRollouts.check(steps));
        }
    }

    /** What looks at transitions, beside a likelihood that has none. */
    private void matching() {
        RunConfig.Algorithm algorithm = config.algorithm();
        Likelihood likelihood = parts.find("algorithm.likelihood", Likelihood.class);
        if (likelihood == null) {
            return;
        }
        checked("algorithm.likelihood", () -> likelihood.check(config.rollout().steps()));
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
            problem(
                    "run.diagnose_every",
                    "looks at the trained steps of rollouts, but " + type(algorithm.likelihood())
                            + " trains on finished images alone; leave it at 0");
        }
        if (!(algorithm.trainedSteps() instanceof TrainedSteps.All)) {
            problem(
                    "algorithm.trained_steps",
                    "chooses among the steps of rollouts, but " + type(algorithm.likelihood())
                            + " trains on finished images alone; leave it at all");
        }
    }

    private void withoutTransitions(String key, @Nullable BoundPart<?> part, boolean needs) {
        if (needs) {
            problem(
                    "algorithm." + key,
                    type(part) + " looks at the transitions of a rollout, but the likelihood "
                            + type(config.algorithm().likelihood()) + " has none; use another " + key.replace('_', ' ')
                            + ", or the likelihood transition");
        }
    }

    private static String type(@Nullable BoundPart<?> part) {
        return part == null ? "none" : part.type();
    }

    private boolean needsDensity() {
        Objective objective = parts.objectiveIfMade();
        return objective != null && objective.needs().density();
    }

    /** What differentiates the way itself, not its density: after an update it would be another way. */
    private void onPolicy() {
        Objective objective = parts.find("algorithm.objective", Objective.class);
        if (objective == null) {
            return;
        }
        losses(objective);
        checked(
                "algorithm.objective",
                () -> objective.checkSteps(config.rollout().steps()));
        if (!objective.needs().onPolicy()) {
            return;
        }
        goodFor(
                1,
                type(config.algorithm().objective()) + " differentiates the rollouts themselves",
                "take more epochs");
    }

    /** What compares with no old policy: a further update would be of rollouts that are not the policy's own, and nothing would show it. */
    private void ratio() {
        Ratio ratio = parts.find("algorithm.ratio", Ratio.class);
        if (ratio != null) {
            goodFor(
                    ratio.updates(),
                    "the ratio " + type(config.algorithm().ratio()) + " compares with no policy that sampled",
                    "take more epochs, or a ratio that corrects for it (importance)");
        }
    }

    /** What samples at the point that it differentiates at, and nowhere else. */
    private void updateRule() {
        UpdateRule rule = parts.find("optimiser", UpdateRule.class);
        if (rule != null) {
            goodFor(
                    rule.updates(),
                    "the optimiser " + type(config.optimiser().rule()) + " needs gradients at the weights that sampled",
                    "take more epochs, or another optimiser.type (adamw)");
        }
    }

    /**
     * Rollouts that are good for so many updates get no more.
     *
     * @param why what makes them so, the beginning of a sentence
     * @param remedy beside a lower number
     */
    private void goodFor(int updates, String why, String remedy) {
        if (updates == 1 && config.algorithm().sampledBy() != RunConfig.SampledBy.CURRENT) {
            problem(
                    "algorithm.sampled_by",
                    "must be current: " + why + ", and the rollouts are those of other weights then");
        }
        long made =
                (long) config.optimiser().updatesPerEpoch() * config.optimiser().innerEpochs();
        if (made > updates) {
            problem(
                    "optimiser.updates_per_epoch",
                    "times inner_epochs must be " + (updates == 1 ? "1: " : "at most " + updates + ": ") + why
                            + ", and after an update the rollouts are those of other weights; " + remedy,
                    made);
        }
    }

    /** What chooses among the losses of steps, beside an objective that has none. */
    private void losses(Objective objective) {
        if (objective.needs().density() && !objective.needs().onPolicy()) {
            return;
        }
        String type = type(config.algorithm().objective());
        if (config.run().diagnoseEvery() > 0) {
            problem("run.diagnose_every", "takes losses of steps apart, and " + type + " has none; leave it at 0");
        }
        if (!(config.algorithm().trainedSteps() instanceof TrainedSteps.All)) {
            problem(
                    "algorithm.trained_steps",
                    "chooses among losses of steps, and " + type + " has none; leave it at all");
        }
    }

    private void groups() {
        Advantage advantage = parts.find("algorithm.advantage", Advantage.class);
        RewardCombination combination = parts.find("reward_combination", RewardCombination.class);
        if (advantage == null || combination == null) {
            return;
        }
        checked(
                "reward_combination",
                () -> combination.check(
                        config.rewards().stream().map(RewardEntry::label).toList()));
        if (combination.usesAdvantage()) {
            checked(
                    "algorithm.advantage",
                    () -> advantage.check(
                            config.rollout().promptsPerEpoch(), config.rollout().samplesPerPrompt()));
            wholeObjective(advantage);
        }
        int group = config.rollout().samplesPerPrompt();
        int minimum = RunParts.minimumGroup(combination, advantage);
        if (group < minimum) {
            problem(
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

    private void budget() {
        RolloutBudget budget = parts.find("rollout.budget", RolloutBudget.class);
        if (budget != null) {
            checked("rollout.budget", () -> budget.check(config.rollout().samplesPerPrompt()));
        }
    }

    /** Advantages of steps, beside an objective that has no losses of steps. */
    private void wholeObjective(Advantage advantage) {
        Objective objective = parts.find("algorithm.objective", Objective.class);
        if (objective != null
                && advantage.needs().density()
                && !objective.needs().density()) {
            problem(
                    "algorithm.advantage",
                    type(config.algorithm().advantage()) + " tells the steps of a rollout apart, and the objective "
                            + type(config.algorithm().objective()) + " has no losses of steps; use another advantage");
        }
    }

    /** A group that is trained as one must fit into a micro-batch. */
    private void units() {
        Objective objective = parts.objectiveIfMade();
        int group = config.rollout().samplesPerPrompt();
        int micro = config.optimiser().microBatch();
        if (objective != null && objective.unit() == TrainingUnit.GROUP && micro < group) {
            problem(
                    "optimiser.micro_batch",
                    "must hold the " + group + " images of a prompt, which the objective trains on together",
                    micro);
        }
    }

    /** Training with another guidance than the rollouts had is right only where nothing asks how likely their steps were. */
    private void guidance() {
        if (config.trainedGuidance() == config.rollout().guidance()) {
            return;
        }
        RunConfig.Algorithm algorithm = config.algorithm();
        String other = "is not that of the rollouts, rollout.guidance "
                + config.rollout().guidance() + ", and ";
        if (algorithm.objective() != null) {
            problem(
                    "algorithm.guidance",
                    other + type(algorithm.objective()) + " decides by itself how it trains; leave it out",
                    config.trainedGuidance());
        }
        Likelihood likelihood = parts.find("algorithm.likelihood", Likelihood.class);
        if (likelihood != null && likelihood.needsDensity()) {
            problem(
                    "algorithm.guidance",
                    other + type(algorithm.likelihood())
                            + " asks how likely the steps of the rollouts are, which were made with theirs: no ratio"
                            + " would be 1 before the first update; leave it out, or give both the same value",
                    config.trainedGuidance());
        }
    }

    private void checked(String path, Runnable check) {
        try {
            check.run();
        } catch (UserException e) {
            problem(path, String.valueOf(e.getMessage()));
        }
    }

    private void problem(String path, String message) {
        problems.add(effective.place(path), path, message);
    }

    private void problem(String path, String message, Object value) {
        problems.add(effective.place(path), path, message, value.toString());
    }
}
