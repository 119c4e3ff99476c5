package org.imagerl.training.config;

import org.imagerl.config.Auto;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Objective;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.RolloutBudget;

/** How the numbers of a run divide: batches, workers, shards, steps, groups. */
final class SizeRules {
    private final RunConfig config;
    private final RunParts parts;
    private final RuleReport report;

    private SizeRules(RunConfig config, RunParts parts, RuleReport report) {
        this.config = config;
        this.parts = parts;
        this.report = report;
    }

    /** Reports what does not hold. */
    static void check(RunConfig config, RunParts parts, RuleReport report) {
        SizeRules rules = new SizeRules(config, parts, report);
        rules.batches();
        rules.steps();
        rules.budget();
        rules.units();
    }

    private void batches() {
        if (config.data() != null && parts.data() == null) {
            return; // what could not be read has no size
        }
        try {
            workers(BatchPlan.of(config, parts));
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            String key = message.substring(0, message.indexOf(' '));
            report.problem("optimiser." + key, message.substring(key.length() + 1));
        }
    }

    private void workers(BatchPlan plan) {
        int batches = plan.batches(config.rollout());
        if (config.workers() > Math.min(batches, plan.accumulation())) {
            report.problem(
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
            report.problem(
                    "shards",
                    "must be at least as many as workers, which are " + config.workers()
                            + "; take fewer workers, or leave shards out",
                    config.shardCount());
        } else if (config.shardCount() > plan.accumulation() && config.shards() != null) {
            report.problem(
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
                    .forEach(step -> report.problem(
                            "algorithm.trained_steps.steps", "must be below rollout.steps, which is " + steps, step));
        }
    }

    private void budget() {
        RolloutBudget budget = parts.find("rollout.budget", RolloutBudget.class);
        if (budget != null) {
            report.checked("rollout.budget", () -> budget.check(config.rollout().samplesPerPrompt()));
            equalGroups(budget);
        }
    }

    private void equalGroups(RolloutBudget budget) {
        RewardCombination combination = parts.find("reward_combination", RewardCombination.class);
        Advantage advantage = parts.find("algorithm.advantage", Advantage.class);
        if (combination != null
                && combination.usesAdvantage()
                && advantage != null
                && advantage.needsEqualGroups()
                && !budget.equal()) {
            report.problem(
                    "rollout.budget",
                    "gives some prompts more samples than others, and the advantage "
                            + RuleReport.type(config.algorithm().advantage())
                            + " compares as many of each; use constant, or another advantage",
                    RuleReport.type(config.rollout().budget()));
        }
    }

    /** A group that is trained as one must fit into a micro-batch. */
    private void units() {
        Objective objective = parts.objectiveIfMade();
        int group = objective != null && objective.unit() == TrainingUnit.PAIR ? 2 : parts.imagesPerPrompt();
        int micro = config.optimiser().microBatch();
        if (objective != null && objective.unit() != TrainingUnit.SAMPLE && micro < group && micro != Auto.VALUE) {
            report.problem(
                    "optimiser.micro_batch",
                    "must hold the " + group + " images of a prompt, which the objective trains on together",
                    micro);
        }
    }
}
