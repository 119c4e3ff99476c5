package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Score;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.LatentReward;
import org.imagerl.toolkit.sampling.SampledImages;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The rewards of samples, some of latents and some of images: images are decoded only where one of them, or the caller,
 * looks at them.
 */
final class SampleScores {
    private final WeightedRewards all;
    private final WeightedRewards ofImages;

    SampleScores(WeightedRewards all) {
        this.all = all;
        this.ofImages = all.only(entry -> !(entry.reward() instanceof LatentReward));
    }

    /** Whether a reward looks at images. */
    boolean needImages() {
        return !ofImages.entries().isEmpty();
    }

    /** Whether no reward must see whole groups. */
    boolean pointwise() {
        return all.entries().stream().allMatch(entry -> entry.reward().spec().scope() == Reward.Scope.POINTWISE);
    }

    /** The scores of images by the rewards that look at them. */
    RewardTable ofImages(List<ImageOrReason> samples, List<Prompt> prompts) {
        return ofImages.scoreSamples(samples, prompts);
    }

    /** The scores of the last states by the rewards of latents. */
    RewardTable ofLatents(Trajectories made) {
        List<RewardTable.Column> columns = new ArrayList<>();
        for (WeightedRewards.Entry entry : all.entries()) {
            if (entry.reward() instanceof LatentReward reward) {
                long start = System.nanoTime();
                List<Score> scores = scores(reward, made);
                double milliseconds = (System.nanoTime() - start) / 1e6;
                columns.add(new RewardTable.Column(entry.name(), entry.weight(), reward.spec(), scores, milliseconds));
            }
        }
        return new RewardTable(List.copyOf(columns));
    }

    private static List<Score> scores(LatentReward reward, Trajectories made) {
        List<ImageOrReason> finite = SampledImages.undecoded(made);
        NDArray latents = made.state(made.kernel().steps());
        List<Float> values = new ArrayList<>();
        Scope.run(() -> {
            float[] own = Floats.of(Gradients.off(() -> reward.latentScores(latents, made.prompts())));
            for (float value : own) {
                values.add(value);
            }
        });
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            String reason = finite.get(i).reason();
            scores.add(reason.isEmpty() ? checked(reward, made.prompts().get(i), values.get(i)) : Score.failed(reason));
        }
        return List.copyOf(scores);
    }

    private static Score checked(Reward reward, Prompt prompt, double value) {
        try {
            reward.check(prompt);
            return Score.of(value);
        } catch (UserException e) {
            return Score.failed(String.valueOf(e.getMessage()));
        }
    }

    /** Both tables of the same samples as one, in the order of the rewards. */
    RewardTable joined(RewardTable latents, RewardTable images) {
        Iterator<RewardTable.Column> fromLatents = latents.columns().iterator();
        Iterator<RewardTable.Column> fromImages = images.columns().iterator();
        return new RewardTable(all.entries().stream()
                .map(entry -> entry.reward() instanceof LatentReward ? fromLatents.next() : fromImages.next())
                .toList());
    }
}
