package org.imagerl.tests.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.imagerl.images.JpegSize;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.TestImages;
import org.imagerl.toolkit.jpeg.JpegEstimateReward;
import org.junit.jupiter.api.Test;

/** The differentiable estimate against the size of the file itself. */
class JpegEstimateTest {

    @Test
    void itIsNearTheSizeOfTheFile() {
        Context context = new Context(Path.of("."), "cpu", 1, warning -> {});
        List<RgbImage> images = List.of(
                TestImages.noise(64, 64, 1),
                blurred(TestImages.noise(64, 64, 2), 1),
                blurred(TestImages.noise(96, 64, 3), 2),
                blurred(TestImages.noise(96, 96, 4), 4),
                TestImages.gradient(128, 64));
        try (Reward reward = new JpegEstimateReward(new JpegEstimateReward.Config(95, 1), context)) {
            for (RgbImage image : images) {
                double kilobytes = JpegSize.bytes(image) / 1000.0;
                double estimate = -reward.score(List.of(image), List.of(Prompt.of("p", "")))
                        .get(0)
                        .value();
                assertThat(estimate).isCloseTo(kilobytes, within(0.12 * kilobytes));
            }
        }
    }

    /** The mean of the pixels around, once for each round. */
    private static RgbImage blurred(RgbImage image, int rounds) {
        byte[] from = image.rgb().clone();
        SplittableRandom random = new SplittableRandom(rounds);
        for (int round = 0; round < rounds; round++) {
            byte[] to = new byte[from.length];
            for (int i = 0; i < to.length; i++) {
                int sum = 0;
                for (int shift : new int[] {0, 3, -3, 3 * image.width(), -3 * image.width()}) {
                    sum += from[Math.floorMod(i + shift, from.length)] & 0xff;
                }
                to[i] = (byte) (sum / 5 + random.nextInt(2));
            }
            from = to;
        }
        return new RgbImage(image.width(), image.height(), from);
    }
}
