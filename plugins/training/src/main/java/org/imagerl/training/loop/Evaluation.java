package org.imagerl.training.loop;

import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.Statistics;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.training.work.Rollout;

/** Fixed (prompt, seed) pairs that are never trained on, scored by all rewards. */
final class Evaluation {
    private final PolicyRuntime runtime;
    private final WeightedRewards rewards;
    private final Rollouts rollouts;
    private final HeldOut held;

    Evaluation(OpenRun run, Rollouts rollouts, int samplesPerPrompt) {
        runtime = run.runtime();
        rewards = run.rewards();
        this.rollouts = rollouts;
        held = HeldOut.of(
                run.prompts().heldOut(), samplesPerPrompt, run.prompts().random());
    }

    /** The mean of each reward and what else it says of its scores, mean and spread of the sum; by metric name. */
    Metrics run() {
        try (Rollout rollout = sampled()) {
            Metrics metrics = new Metrics();
            Statistics total = Statistics.of(rollout.rewards().totals());
            metrics.last("evaluation_reward_mean", total.mean());
            metrics.last("evaluation_reward_std", total.std());
            metrics.last("evaluation_images", (double) held.size());
            for (RewardTable.Column column : rollout.rewards().columns()) {
                metrics.last(
                        "evaluation_" + column.name() + "_mean",
                        Statistics.of(column.values()).mean());
            }
            rewards.summary(rollout.rewards(), held.prompts())
                    .forEach((name, value) -> metrics.last("evaluation_" + name, value));
            return metrics;
        }
    }

    private Rollout sampled() {
        return rollouts.sample(
                runtime.sampling().evaluation("evaluation", rewards.entries().size()),
                held.prompts(),
                Seeds.own(held.seeds()),
                false,
                "evaluate");
    }
}
