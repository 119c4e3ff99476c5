package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.LatentReward;
import org.junit.jupiter.api.Test;

class ScoringTest {

    private static final class OfLatents implements LatentReward {
        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, 1, true, "estimate");
        }

        @Override
        public void checkLatents(LatentSpace space) {}

        @Override
        public NDArray latentScores(NDArray latents, List<Prompt> prompts) {
            throw new UnsupportedOperationException();
        }
    }

    private record OfImages(Scope scope) implements Reward {
        @Override
        public Spec spec() {
            return new Spec(scope, 0, 1, true, "share");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            throw new UnsupportedOperationException();
        }
    }

    private static WeightedRewards rewards(Reward second) {
        return new WeightedRewards(List.of(
                new WeightedRewards.Entry("estimate", 1, new OfLatents()),
                new WeightedRewards.Entry("other", 1, second)));
    }

    @Test
    void aRewardOfLatentsBesideOneOfGroupsIsRefused() {
        assertThatThrownBy(() -> Scoring.refuseLatents(rewards(new OfImages(Reward.Scope.GROUPWISE))))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("rewards: estimate is computed from latents")
                .hasMessageContaining("and other by the driver");
        assertThatCode(() -> Scoring.refuseLatents(rewards(new OfImages(Reward.Scope.POINTWISE))))
                .doesNotThrowAnyException();
    }
}
