package org.imagerl.rewards.colour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.RewardContract;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;

final class BackgroundBrightnessTest extends RewardContract {
    private static final Context CONTEXT = new Context(Path.of(""), "cpu", 1, warning -> {});
    private static final Prompt PROMPT = Prompt.of("p", "anything");

    @Override
    protected Reward create() {
        return new BackgroundBrightness().create(new BackgroundBrightness().defaults(), CONTEXT);
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(TestImages.noise(64, 48, 1), PROMPT),
                new Example(plain(9, 5, 10, 20, 30), PROMPT),
                new Example(plain(1, 1, 255, 255, 255), PROMPT));
    }

    @Test
    void isTheLumaOfThePlainColour() {
        assertThat(score(plain(64, 32, 255, 255, 255))).isCloseTo(1, within(1e-12));
        assertThat(score(plain(64, 32, 0, 255, 0))).isCloseTo(0.587, within(1e-12));
        assertThat(score(plain(1, 1, 51, 51, 51))).isCloseTo(0.2, within(1e-12));
    }

    @Test
    void doesNotSeeWhatIsInsideTheFrameNorALittleThatReachesIntoIt() {
        RgbImage image = plain(64, 32, 51, 51, 51);
        for (int y = 2; y < 30; y++) { // two pixels wide: a sixteenth of 32
            Arrays.fill(image.rgb(), (y * 64 + 2) * 3, (y * 64 + 62) * 3, (byte) 255);
        }
        assertThat(score(image)).isCloseTo(0.2, within(1e-12));
        Arrays.fill(image.rgb(), 0, 30 * 3, (byte) 255);
        assertThat(score(image)).isCloseTo(0.2, within(1e-12));
    }

    @Test
    void refusesFramesThatAreNone() {
        assertThatThrownBy(() -> new BackgroundBrightness().create(new BackgroundConfig(0.6), CONTEXT))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("frame is 0.6");
    }

    private double score(RgbImage image) {
        return create().score(List.of(image), List.of(PROMPT)).get(0).value();
    }

    private static RgbImage plain(int width, int height, int red, int green, int blue) {
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) red;
            rgb[i + 1] = (byte) green;
            rgb[i + 2] = (byte) blue;
        }
        return new RgbImage(width, height, rgb);
    }
}
