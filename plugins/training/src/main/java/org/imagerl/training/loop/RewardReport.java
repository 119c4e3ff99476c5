package org.imagerl.training.loop;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.Statistics;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Score;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.run.EpochScores;

/**
 * The report of an epoch on its rewards: metrics, and lines for the user about scores that failed or do not differ.
 *
 * @param maximised whether the objective maximises the rewards, or only watches them
 * @param notices takes lines for the user
 * @param log takes lines for the log of the run
 */
record RewardReport(boolean maximised, Consumer<String> notices, Consumer<String> log) {

    /** The metrics of the rewards of a rollout. */
    Metrics of(List<Prompt> prompts, RewardTable rewards) {
        Metrics metrics = new Metrics();
        Statistics total = Statistics.of(rewards.totals());
        metrics.last("reward_mean", total.mean());
        metrics.last("reward_std", total.std());
        metrics.last("groups_with_signal", withSignal(prompts, rewards.totals()));
        for (RewardTable.Column column : rewards.columns()) {
            metrics.last(
                    "reward_" + column.name() + "_mean",
                    Statistics.of(column.values()).mean());
            metrics.last("seconds_reward_" + column.name(), column.milliseconds() / 1000);
            reportFailures(column, metrics);
        }
        if (maximised && total.min() == total.max()) {
            notices.accept(
                    "warning: all images of this epoch scored " + total.mean() + ": there is nothing to learn from");
        }
        return metrics;
    }

    /** The share of prompts whose images do not all score alike: of the others, advantages within groups say nothing. */
    static double withSignal(List<Prompt> prompts, double... rewards) {
        Map<String, Set<Double>> scores = new HashMap<>();
        for (int i = 0; i < rewards.length; i++) {
            Set<Double> group = scores.computeIfAbsent(prompts.get(i).id(), id -> new HashSet<>());
            if (!Double.isNaN(rewards[i])) {
                group.add(rewards[i]);
            }
        }
        return scores.values().stream()
                .mapToInt(group -> group.size() > 1 ? 1 : 0)
                .average()
                .orElse(Double.NaN);
    }

    /** The same for trackers, image by image. */
    EpochScores scores(List<Prompt> prompts, RewardTable rewards) {
        return new EpochScores(
                prompts,
                rewards.columns().stream()
                        .map(column -> new EpochScores.Column(column.name(), column.weight(), column.scores()))
                        .toList());
    }

    /** Images without a score are left out of the statistics of their groups, and are not trained on where rewards are maximised. */
    private void reportFailures(RewardTable.Column column, Metrics metrics) {
        List<Score> failed =
                column.scores().stream().filter(score -> !score.ok()).toList();
        metrics.last("reward_" + column.name() + "_failed", failed.size());
        if (!failed.isEmpty()) {
            String line = "reward " + column.name() + " could not score " + failed.size() + " of "
                    + column.scores().size() + " images" + (maximised ? ", which are left out" : "") + "; the first: "
                    + failed.get(0).error();
            notices.accept("warning: " + line);
            log.accept(line);
        }
    }
}
