package org.imagerl.rewards.ocr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.RewardContract;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;

/** The contract of rewards, and what a score tells, with text looked for. */
final class DetectingOcrRewardTest extends RewardContract {
    private static final Context CONTEXT = new Context(Path.of(""), "cpu", 2, warning -> {});

    @Override
    protected Reward create() {
        return new OcrFactory().create(new OcrFactory().defaults(), CONTEXT);
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(TestImages.text(200, 100, "472"), asking("472")),
                new Example(TestImages.text(256, 64, "HELLO 42"), asking("Hello 43")),
                new Example(TestImages.gradient(100, 80), asking("472")),
                new Example(new RgbImage(1, 1, new byte[3]), asking("x")));
    }

    @Test
    void tellsWhatItReadAndWanted() {
        List<Score> scores = reward().score(
                        List.of(examples().get(1).image()),
                        List.of(examples().get(1).prompt()));
        assertThat(scores.get(0).value()).isEqualTo(1 - 1.0 / 7);
        assertThat(scores.get(0).details())
                .containsEntry("read", "HELLO 42")
                .containsEntry("target", "Hello 43")
                .containsEntry("distance", "1");
    }

    @Test
    void joinsTheLinesOfAImage() {
        RgbImage two = stacked(TestImages.text(200, 80, "OPEN"), TestImages.text(200, 80, "472"));
        Score score = reward().score(List.of(two), List.of(asking("open 472"))).get(0);
        assertThat(score.details()).containsEntry("read", "OPEN 472");
        assertThat(score.value()).isEqualTo(1);
    }

    @Test
    void refusesAPromptWithoutQuotesBeforeAnyImage() {
        assertThatThrownBy(() -> reward().check(Prompt.of("p1", "a cat"))).isInstanceOf(UserException.class);
    }

    @Test
    void failsOnlyTheImageWhosePromptHasNoText() {
        RgbImage image = examples().get(0).image();
        List<Score> scores = reward().score(List.of(image, image), List.of(Prompt.of("p1", "a cat"), asking("472")));
        assertThat(scores.get(0).ok()).isFalse();
        assertThat(scores.get(0).error()).contains("p1");
        assertThat(scores.get(1).value()).isEqualTo(1);
    }

    private static Prompt asking(String text) {
        return Prompt.of("p", "a sign that says \"" + text + "\"");
    }

    private static RgbImage stacked(RgbImage above, RgbImage below) {
        byte[] rgb = new byte[above.rgb().length + below.rgb().length];
        System.arraycopy(above.rgb(), 0, rgb, 0, above.rgb().length);
        System.arraycopy(below.rgb(), 0, rgb, above.rgb().length, below.rgb().length);
        return new RgbImage(above.width(), above.height() + below.height(), rgb);
    }
}
