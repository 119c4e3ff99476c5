package org.imagerl.scoring.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.TimeLimit;
import org.junit.jupiter.api.Test;

class WeightedRewardsTest {

    /** The width of an image, which must be more than one pixel; it counts those without a score. */
    private record Width() implements Reward {
        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, 100, true, "pixels");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            return images.stream()
                    .map(image -> image.width() > 1 ? Score.of(image.width()) : Score.failed("too small"))
                    .toList();
        }

        @Override
        public void checkTrained(Prompt prompt, double weight, boolean ranked) {
            throw UserException.input(prompt.id() + " with " + weight + (ranked ? ", ranked" : ""));
        }

        @Override
        public Map<String, Double> summary(List<Score> scores, List<Prompt> prompts) {
            long failed = scores.stream().filter(score -> !score.ok()).count();
            return Map.of("failures", (double) failed, "prompts", (double) prompts.size());
        }
    }

    @Test
    void aRewardSumsUpAllBatchesUnderItsOwnNameAndARankedOneNothing() {
        WeightedRewards.Entry plain = new WeightedRewards.Entry("width", 1, new Width());
        WeightedRewards.Entry ranked = new WeightedRewards.Entry("order", 1, new RankedReward(new Width()));
        try (WeightedRewards rewards = new WeightedRewards(List.of(plain, ranked))) {
            RewardTable first = rewards.score(List.of(item(1), item(2)), prompts(2));
            RewardTable second = rewards.score(List.of(item(1)), prompts(1));
            assertThat(rewards.summary(RewardTable.concat(List.of(first, second)), prompts(3)))
                    .isEqualTo(Map.of("width_failures", 2.0, "width_prompts", 3.0));
        }
    }

    @Test
    void aRewardIsAskedWhetherItCanBeTrainedOnWithItsWeightAndRank() {
        try (WeightedRewards plain = new WeightedRewards(List.of(new WeightedRewards.Entry("width", -2, new Width())));
                WeightedRewards ranked = new WeightedRewards(
                        List.of(new WeightedRewards.Entry("order", 1, new RankedReward(new Width()))))) {
            assertThatThrownBy(() -> plain.checkTrained(Prompt.of("a", "the cat")))
                    .isInstanceOf(UserException.class)
                    .hasMessage("rewards: width: a with -2.0");
            assertThatThrownBy(() -> ranked.checkTrained(Prompt.of("a", "the cat")))
                    .hasMessage("rewards: order: a with 1.0, ranked");
        }
    }

    @Test
    void aRewardScoresUnderItsOwnTimeLimit() {
        Reward limit = new Reward() {
            @Override
            public Spec spec() {
                return new Spec(Scope.POINTWISE, 0, 1e9, true, "seconds");
            }

            @Override
            public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
                return List.of(Score.of((double) TimeLimit.here().perImage().toSeconds()));
            }
        };
        WeightedRewards.Entry quick = new WeightedRewards.Entry("quick", 1, limit, Duration.ofSeconds(5), "");
        try (WeightedRewards rewards =
                new WeightedRewards(List.of(quick, new WeightedRewards.Entry("usual", 1, limit)))) {
            RewardTable table = rewards.score(List.of(item(1)), prompts(1));
            assertThat(table.columns().get(0).values()).containsExactly(5);
            assertThat(table.columns().get(1).values()).containsExactly(120);
        }
    }

    private static RgbImage item(int width) {
        return new RgbImage(width, 1, new byte[3 * width]);
    }

    private static List<Prompt> prompts(int count) {
        return Collections.nCopies(count, Prompt.of("a", "the cat"));
    }
}
