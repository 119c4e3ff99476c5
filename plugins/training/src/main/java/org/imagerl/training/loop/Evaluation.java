package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.Statistics;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.training.work.Rollout;

/** Fixed (prompt, seed) pairs that are never trained on, scored by all rewards. */
final class Evaluation {
    private final PolicyRuntime runtime;
    private final WeightedRewards rewards;
    private final Rollouts rollouts;
    private final List<Prompt> prompts = new ArrayList<>();
    private final long[] seeds;

    Evaluation(OpenRun run, Rollouts rollouts, int samplesPerPrompt) {
        runtime = run.runtime();
        rewards = run.rewards();
        this.rollouts = rollouts;
        for (Prompt prompt : run.prompts().heldOut()) {
            for (int k = 0; k < samplesPerPrompt; k++) {
                prompts.add(prompt);
            }
        }
        seeds = new long[prompts.size()];
        for (int i = 0; i < seeds.length; i++) {
            seeds[i] = run.prompts().random().seed("evaluation", i);
        }
    }

    /** The mean of each reward and what else it says of its scores, mean and spread of the sum; by metric name. */
    Metrics run() {
        try (Rollout rollout = sampled()) {
            Metrics metrics = new Metrics();
            Statistics total = Statistics.of(rollout.rewards().totals());
            metrics.last("evaluation_reward_mean", total.mean());
            metrics.last("evaluation_reward_std", total.std());
            metrics.last("evaluation_images", (double) seeds.length);
            for (RewardTable.Column column : rollout.rewards().columns()) {
                metrics.last(
                        "evaluation_" + column.name() + "_mean",
                        Statistics.of(column.values()).mean());
            }
            rewards.summary(rollout.rewards(), prompts)
                    .forEach((name, value) -> metrics.last("evaluation_" + name, value));
            return metrics;
        }
    }

    private Rollout sampled() {
        return rollouts.sample(
                runtime.evaluation("evaluation", rewards.entries().size()),
                prompts,
                Seeds.own(seeds),
                false,
                "evaluate");
    }
}
