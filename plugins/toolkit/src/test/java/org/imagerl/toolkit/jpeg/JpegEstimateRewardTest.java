package org.imagerl.toolkit.jpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.reward.DifferentiableReward;
import org.imagerl.testkit.DifferentiableRewardContract;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;

class JpegEstimateRewardTest extends DifferentiableRewardContract {
    private static final Prompt NONE = Prompt.of("p", "");

    @Override
    protected DifferentiableReward create() {
        return create(new JpegEstimateReward.Config(95, 1));
    }

    private static DifferentiableReward create(JpegEstimateReward.Config config) {
        return new JpegEstimateReward(config, new Context(Path.of("."), "cpu", 1, warning -> {}));
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(TestImages.noise(32, 16, 1), NONE),
                new Example(TestImages.noise(48, 32, 2), NONE),
                new Example(TestImages.gradient(64, 32), NONE));
    }

    private static double score(JpegEstimateReward.Config config, RgbImage image) {
        try (DifferentiableReward reward = create(config)) {
            return reward.score(List.of(image), List.of(NONE)).get(0).value();
        }
    }

    @Test
    void coarserTablesMakeSmallerFilesAndADivisorDivides() {
        RgbImage image = TestImages.noise(32, 32, 1);
        double fine = score(new JpegEstimateReward.Config(95, 1), image);
        assertThat(score(new JpegEstimateReward.Config(50, 1), image)).isGreaterThan(fine);
        assertThat(score(new JpegEstimateReward.Config(95, 500), image)).isCloseTo(fine / 500, within(1e-9));
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> new JpegEstimateReward.Config(0, 1)).hasMessageContaining("from 1 to 100");
        assertThatThrownBy(() -> new JpegEstimateReward.Config(95, 0)).hasMessageContaining("above 0");
        try (DifferentiableReward reward = create()) {
            assertThatThrownBy(() -> reward.checkSize(40, 32)).hasMessageContaining("multiples of 16, not 40 x 32");
            assertThat(reward.score(List.of(TestImages.noise(20, 16, 1)), List.of(NONE))
                            .get(0)
                            .error())
                    .contains("20 x 16");
        }
    }
}
