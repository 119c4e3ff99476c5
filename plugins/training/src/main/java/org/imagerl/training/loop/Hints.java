package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.training.config.RolloutConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.work.Hint;
import org.imagerl.training.work.Replacement;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.Sampling;

/**
 * Second rollouts of prompts whose images all fail, after Scaf-GRPO (Zhang et al., Scaf-GRPO: Scaffolded Group Relative Policy Optimization for Enhancing LLM Reasoning, 2025, arXiv
 * 2510.19807): hints are tried from the weakest to the strongest, one image each, and the image of the first that succeeds takes the place of one that failed. The prompt is
 * trained without the hint, as in the published code.
 *
 * <p>The paper's hints are texts: knowledge, a plan, a solution. Here a hint is a stronger guidance, another text of the prompt, or an image that the sample begins with. The image is drawn with the hint and so is not the policy's own;
 * its old log-densities are recorded under the policy without the hint, so that the first update has a ratio of 1. Of a group that fails the first image is replaced.
 * Steps before the one that a sample begins at with an image were drawn by nobody, and their advantages are 0.
 */
final class Hints {
    private final RunConfig config;
    private final RolloutConfig.Hints hints;
    private final PolicySampling policy;
    private final Rollouts rollouts;
    private final RandomStreams random;

    Hints(RunConfig config, RolloutConfig.Hints hints, PolicySampling policy, Rollouts rollouts) {
        this.config = config;
        this.hints = hints;
        this.policy = policy;
        this.rollouts = rollouts;
        random = new RandomStreams(config.seed());
    }

    /**
     * A rollout with images of hints in it; the same one if nothing fails or no hint helps.
     *
     * @param firstTrained by sample, its first step that can be trained
     */
    record Mended(Rollout rollout, int... firstTrained) {
        static Mended none(Rollout rollout) {
            return new Mended(rollout, new int[rollout.images().size()]);
        }
    }

    /** The rollout in which images of hints have taken the place of failed ones. */
    Mended mended(Rollout rollout, Sampling sampling, List<Prompt> prompts, long epoch, Metrics metrics) {
        Mended mended = Mended.none(rollout);
        if (epoch < hints.after()) {
            return mended;
        }
        int[] failed = failed(prompts, rollout.rewards().totals());
        metrics.last("hinted_groups", failed.length);
        int[] open = failed;
        for (int level = 0; level < hints.levels().size() && open.length > 0; level++) {
            RolloutConfig.Hints.Level hint = hints.levels().get(level);
            int[] asked = Arrays.stream(open)
                    .filter(row -> hint.isFor(prompts.get(row)))
                    .toArray();
            if (asked.length > 0) {
                Tried tried = attempt(mended, sampling, prompts, epoch, level, asked);
                mended = tried.mended;
                open = IntStream.of(open)
                        .filter(row -> Arrays.stream(tried.solved).noneMatch(solved -> solved == row))
                        .toArray();
            }
        }
        metrics.last("hinted_successes", failed.length - open.length);
        return mended;
    }

    /** The first scored image of each group without a success. */
    private int[] failed(List<Prompt> prompts, double[] rewards) {
        List<String> groups = prompts.stream().map(Prompt::id).toList();
        return Groups.ofNumbers(groups, rewards).stream()
                .filter(group -> Arrays.stream(group).allMatch(i -> rewards[i] < hints.success()))
                .mapToInt(group -> group[0])
                .toArray();
    }

    private record Tried(Mended mended, int... solved) {}

    private Tried attempt(Mended before, Sampling sampling, List<Prompt> prompts, long epoch, int level, int... rows) {
        RolloutConfig.Hints.Level hint = hints.levels().get(level);
        Double guidance = hint.guidance();
        Sampling led = sampling.hinted(
                sampling.rollout() + " hint " + (level + 1),
                new Hint(
                        guidance == null ? config.rollout().guidance() : guidance,
                        hint.field(),
                        hint.image(),
                        hint.share()));
        List<Prompt> asked = IntStream.of(rows).mapToObj(prompts::get).toList();
        long[] seeds = IntStream.of(rows)
                .mapToLong(row -> random.seed("hint", epoch, level, row))
                .toArray();
        try (Rollout second = rollouts.attempt(led, asked, Seeds.own(seeds), "hint " + (level + 1))) {
            double[] rewards = second.rewards().totals();
            int[] right = IntStream.range(0, rows.length)
                    .filter(i -> rewards[i] >= hints.success())
                    .toArray();
            int[] solved = IntStream.of(right).map(i -> rows[i]).toArray();
            if (right.length == 0) {
                return new Tried(before);
            }
            rollouts.replace(new Replacement(sampling.rollout(), solved, led.rollout(), right));
            int[] first = before.firstTrained.clone();
            IntStream.of(solved).forEach(row -> first[row] = policy.firstTrained(led));
            return new Tried(new Mended(Replaced.of(before.rollout, solved, second, right), first), solved);
        }
    }

    /** A rollout with other images and scores in some places; its executor has the other trajectories already. */
    private record Replaced(Rollout rollout, List<ImageOrReason> images, RewardTable rewards) implements Rollout {

        static Replaced of(Rollout rollout, int[] rows, Rollout other, int[] of) {
            List<ImageOrReason> images = new ArrayList<>(rollout.images());
            for (int i = 0; i < rows.length; i++) {
                images.set(rows[i], other.images().get(of[i]));
            }
            return new Replaced(rollout, List.copyOf(images), rollout.rewards().replaced(rows, other.rewards(), of));
        }

        @Override
        public Trajectories trajectories() {
            return rollout.trajectories();
        }

        @Override
        public void close() {
            rollout.close();
        }
    }
}
