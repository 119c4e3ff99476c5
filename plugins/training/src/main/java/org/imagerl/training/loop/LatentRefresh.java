package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Score;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.reward.LatentReward;
import org.imagerl.toolkit.latent.LatentSample;
import org.imagerl.toolkit.latent.RefreshedReward;
import org.imagerl.toolkit.sampling.SampledImages;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.Scope;
import org.imagerl.training.distil.Agreement;
import org.imagerl.training.work.Rollout;

/** Trains rewards of latents further on what the policy samples: their teacher scores the images of an epoch now and then. */
record LatentRefresh(OpenRun open) {
    /** With fewer scores there is nothing to compare. */
    private static final int FEWEST = 8;

    /**
     * Makes sure that every such reward has its teacher, and images to learn from.
     *
     * @param images that an epoch samples; 0 where it takes them from disk
     * @throws UserException if one has not
     */
    static void check(WeightedRewards rewards, long images) {
        for (WeightedRewards.Entry entry : rewards.entries()) {
            if (entry.reward() instanceof RefreshedReward reward) {
                String teacher = reward.refresh().teacher();
                boolean found = rewards.entries().stream()
                        .anyMatch(other -> other.name().equals(teacher)
                                && !(other.reward() instanceof LatentReward)
                                && other.reward().spec().scope() == Reward.Scope.POINTWISE);
                if (!found) {
                    throw UserException.input("rewards: " + entry.name() + ": refresh.teacher: is " + teacher
                            + ", expected the name of another reward of this run that scores images one by one; list it"
                            + " under evaluation_rewards (rewards: "
                            + String.join(", ", rewards.names()) + ")");
                }
                if (images < FEWEST) {
                    throw UserException.input("rewards: " + entry.name() + ": refresh: learns from what an epoch"
                            + " samples, which is " + images + " images here, expected at least " + FEWEST
                            + "; raise rollout.samples_per_prompt or rollout.prompts_per_epoch, or leave refresh out");
                }
            }
        }
    }

    /**
     * After all of an epoch's rollouts were scored: where it is time, measures how well estimates agree with the teacher's scores of these samples, which they have
     * not been trained on, and trains on them then.
     *
     * @param epoch from 0
     */
    void after(long epoch, Rollout rollout, List<Prompt> prompts, Metrics metrics) {
        for (WeightedRewards.Entry entry : open.rewards().entries()) {
            if (entry.reward() instanceof RefreshedReward reward
                    && (epoch + 1) % reward.refresh().every() == 0) {
                List<LatentSample> samples =
                        samples(rollout, prompts, reward.refresh().teacher());
                if (samples.size() >= FEWEST) {
                    compare(entry.name(), reward, samples, metrics);
                    learn(entry.name(), reward, samples, epoch);
                }
            }
        }
    }

    private void learn(String name, RefreshedReward reward, List<LatentSample> samples, long epoch) {
        try {
            reward.learn(samples, open.prompts().random().seed("latent refresh", epoch));
        } catch (UserException e) {
            throw UserException.input("rewards: " + name + ": refresh: " + e.getMessage(), e);
        }
    }

    private static void compare(String name, RefreshedReward reward, List<LatentSample> samples, Metrics metrics) {
        double[] teacher = samples.stream().mapToDouble(LatentSample::score).toArray();
        List<String> texts =
                samples.stream().map(sample -> sample.prompt().text()).toList();
        Agreement.of(teacher, reward.scores(samples), texts)
                .byName()
                .forEach((key, value) -> metrics.last(name + "_teacher_" + key, value));
    }

    private List<LatentSample> samples(Rollout rollout, List<Prompt> prompts, String teacher) {
        WeightedRewards only = open.rewards().only(entry -> entry.name().equals(teacher));
        Trajectories made = rollout.trajectories();
        int batch = open.config().rollout().batchSize();
        List<LatentSample> samples = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += batch) {
            int[] rows = IntStream.range(from, Math.min(prompts.size(), from + batch))
                    .toArray();
            try (NDManager scratch = open.runtime().pipeline().manager().newSubManager()) {
                Trajectories part = made.rows(scratch, rows);
                List<Prompt> own = prompts.subList(from, from + rows.length);
                List<ImageOrReason> images = new ArrayList<>();
                Scope.run(() -> images.addAll(SampledImages.of(open.runtime().pipeline(), part)));
                RewardTable table = only.scoreSamples(images, own);
                float[] latents = Floats.of(state(part));
                int each = latents.length / rows.length;
                for (int i = 0; i < rows.length; i++) {
                    Score score = table.columns().get(0).scores().get(i);
                    if (score.ok()) {
                        float[] one = Arrays.copyOfRange(latents, i * each, (i + 1) * each);
                        samples.add(new LatentSample(one, own.get(i), score.value()));
                    }
                }
            }
        }
        return samples;
    }

    private static NDArray state(Trajectories made) {
        return made.state(made.kernel().steps());
    }
}
