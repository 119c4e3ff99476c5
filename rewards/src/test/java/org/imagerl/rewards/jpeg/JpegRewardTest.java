package org.imagerl.rewards.jpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.images.JpegSize;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.RewardContract;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JpegRewardTest {
    private static final Context CONTEXT = new Context(Path.of(""), "cpu", 2, warning -> {});
    private static final Prompt PROMPT = Prompt.of("p", "anything");
    private static final RgbImage NOISE = TestImages.noise(64, 48, 1);

    @Nested
    final class Compressibility extends RewardContract {
        @Override
        protected Reward create() {
            return new JpegCompressibility().create(new JpegConfig(1), CONTEXT);
        }

        @Override
        protected List<Example> examples() {
            return images();
        }
    }

    @Nested
    final class Incompressibility extends RewardContract {
        @Override
        protected Reward create() {
            return new JpegIncompressibility().create(new JpegConfig(1), CONTEXT);
        }

        @Override
        protected List<Example> examples() {
            return images();
        }
    }

    @Test
    void isTheSizeInKilobytesOverTheDivisor() {
        double kb = JpegSize.bytes(NOISE) / 1000.0;
        assertThat(kb).isBetween(3.0, 9.0);
        assertThat(score(new JpegIncompressibility(), 1)).isEqualTo(kb);
        assertThat(score(new JpegCompressibility(), 1)).isEqualTo(-kb);
        assertThat(score(new JpegCompressibility(), 500)).isEqualTo(-kb / 500);
    }

    @Test
    void prefersSmoothImagesWhenCompressible() {
        try (Reward reward = new JpegCompressibility().create(new JpegConfig(1), CONTEXT)) {
            List<Score> scores = reward.score(List.of(NOISE, TestImages.gradient(64, 48)), List.of(PROMPT, PROMPT));
            assertThat(scores.get(1).value()).isGreaterThan(scores.get(0).value());
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesADivisorThatMakesNoSense(double divisor) {
        assertThatThrownBy(() -> new JpegCompressibility().create(new JpegConfig(divisor), CONTEXT))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("divisor");
    }

    private static double score(Factory<Reward, JpegConfig> factory, double divisor) {
        try (Reward reward = factory.create(new JpegConfig(divisor), CONTEXT)) {
            return reward.score(List.of(NOISE), List.of(PROMPT)).get(0).value();
        }
    }

    private static List<RewardContract.Example> images() {
        return List.of(
                new RewardContract.Example(NOISE, PROMPT),
                new RewardContract.Example(TestImages.gradient(64, 48), PROMPT),
                new RewardContract.Example(TestImages.text(90, 33, "472"), PROMPT),
                new RewardContract.Example(new RgbImage(1, 1, new byte[3]), PROMPT));
    }
}
