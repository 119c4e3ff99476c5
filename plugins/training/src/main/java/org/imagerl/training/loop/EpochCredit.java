package org.imagerl.training.loop;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.Selection;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.training.config.AlgorithmConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.work.Rollout;

/**
 * What the rewards of an epoch say about its samples.
 *
 * @param chosen the samples to train on, ascending; those that became no image are never among them
 * @param advantages of all samples, clamped and scaled as the configuration says
 */
record EpochCredit(int[] chosen, Advantages advantages) {
    /**
     * Turns rewards into advantages, and chooses the samples to train on.
     *
     * @param prompts of the samples
     * @param epoch from 0
     */
    static EpochCredit of(
            PolicyRuntime runtime,
            RunConfig config,
            RunParts parts,
            List<Prompt> prompts,
            Rollout rollout,
            long epoch) {
        double progress = (double) epoch / config.epochs();
        List<String> groups = prompts.stream().map(Prompt::id).toList();
        List<RewardCombination.Column> columns = rollout.rewards().columns().stream()
                .map(column -> new RewardCombination.Column(column.name(), column.weight(), column.values()))
                .toList();
        RolloutEvidence evidence =
                new EpochEvidence(runtime, rollout, config.optimiser().microBatch());
        Advantages advantages = parts.rewardCombination()
                .advantages(new RewardCombination.Scored(groups, columns, evidence), parts.advantage());
        long seed = new RandomStreams(config.seed()).seed("selection", epoch);
        double[] rewards = rollout.rewards().totals();
        int[] chosen = chosen(parts, new Selection.Candidates(groups, rewards, advantages.samples(), progress, seed));
        Advantages credited = parts.objective().credit(groups, rewards, advantages);
        return new EpochCredit(Arrays.stream(chosen).filter(rollout::isImage).toArray(), scaled(credited, config));
    }

    /** The same, with advantages only from a step of each sample on. */
    EpochCredit from(int[] first, int chain) {
        return new EpochCredit(chosen, advantages.from(first, chain));
    }

    /** Advantages clamped and scaled as the configuration says. */
    static Advantages scaled(Advantages advantages, RunConfig config) {
        AlgorithmConfig algorithm = config.algorithm();
        double limit = algorithm.maxAdvantage();
        return advantages.map(a -> algorithm.advantageScale() * Math.max(-limit, Math.min(limit, a)));
    }

    /** The samples that the selection chooses, or all where rewards are only watched. */
    private static int[] chosen(RunParts parts, Selection.Candidates candidates) {
        return parts.objective().maximisesRewards()
                ? parts.selection().select(candidates)
                : IntStream.range(0, candidates.rewards().length).toArray();
    }
}
