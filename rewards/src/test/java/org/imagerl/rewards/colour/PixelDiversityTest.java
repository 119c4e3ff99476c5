package org.imagerl.rewards.colour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.junit.jupiter.api.Test;

final class PixelDiversityTest {
    private static final Prompt PROMPT = Prompt.of("p", "anything");
    private final Reward reward =
            new PixelDiversity().create(new PixelDiversity.Config(), new Context(Path.of(""), "cpu", 1, line -> {}));

    private List<Score> scores(RgbImage... images) {
        return reward.score(
                List.of(images), Arrays.stream(images).map(image -> PROMPT).toList());
    }

    private static RgbImage grey(int width, int level) {
        byte[] rgb = new byte[width * 3];
        Arrays.fill(rgb, (byte) level);
        return new RgbImage(width, 1, rgb);
    }

    /** Black, white and a grey of 51: 1 and 0.2 from black, 0.8 between the others. */
    @Test
    void anImageIsAsFarAsTheMeanOfTheOthers() {
        List<Score> scores = scores(grey(2, 0), grey(2, 255), grey(2, 51));
        assertThat(scores.get(0).value()).isCloseTo(0.6, within(1e-12));
        assertThat(scores.get(1).value()).isCloseTo(0.9, within(1e-12));
        assertThat(scores.get(2).value()).isCloseTo(0.5, within(1e-12));
    }

    /** Half of the pixels differ by 255, so that the mean square is a half. */
    @Test
    void pixelsCountByTheirSquares() {
        byte[] half = new byte[6];
        Arrays.fill(half, 3, 6, (byte) 255);
        assertThat(scores(grey(2, 0), new RgbImage(2, 1, half)).get(0).value())
                .isCloseTo(Math.sqrt(0.5), within(1e-12));
        assertThat(scores(grey(2, 7), grey(2, 7)).get(1).value()).isZero();
    }

    @Test
    void anImageAloneOrOfAnotherSizeHasNone() {
        assertThat(scores(grey(2, 0)).get(0).ok()).isFalse();
        assertThat(scores(grey(2, 0), grey(3, 0)).get(1).error()).contains("at least two of one size");
    }
}
