package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.Statistics;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.training.config.RunConfig;

/** Fixed (prompt, seed) pairs that are never trained on, scored by all rewards. */
final class Evaluation implements AutoCloseable {
    private final Session session;
    private final Rollouts rollouts;
    private final List<Prompt> prompts = new ArrayList<>();
    private final long[] seeds;

    Evaluation(Session session, RunConfig.Evaluation config) {
        this.session = session;
        rollouts = new Rollouts(session, session.evaluationRewards);
        for (Prompt prompt : session.heldOutPrompts) {
            for (int k = 0; k < config.samplesPerPrompt(); k++) {
                prompts.add(prompt);
            }
        }
        seeds = new long[prompts.size()];
        for (int i = 0; i < seeds.length; i++) {
            seeds[i] = session.random.seed("evaluation", i);
        }
    }

    /** The mean of each reward and what else it says of its scores, mean and spread of the sum; by metric name. */
    Map<String, Double> run(Progress progress) {
        try (Rollout rollout = sampled(progress)) {
            Map<String, Double> metrics = new TreeMap<>();
            Statistics total = Statistics.of(rollout.rewards().totals());
            metrics.put("evaluation_reward_mean", total.mean());
            metrics.put("evaluation_reward_std", total.std());
            metrics.put("evaluation_pictures", (double) seeds.length);
            for (RewardTable.Column column : rollout.rewards().columns()) {
                metrics.put(
                        "evaluation_" + column.name() + "_mean",
                        Statistics.of(column.values()).mean());
            }
            session.evaluationRewards
                    .summary(rollout.rewards(), prompts)
                    .forEach((name, value) -> metrics.put("evaluation_" + name, value));
            return metrics;
        }
    }

    private Rollout sampled(Progress progress) {
        return session.averaged(() -> rollouts.sample(
                session.evaluationSampler, prompts, Seeds.own(seeds), Sampler.Keep.LAST, false, "evaluate", progress));
    }

    @Override
    public void close() {
        rollouts.close();
    }
}
