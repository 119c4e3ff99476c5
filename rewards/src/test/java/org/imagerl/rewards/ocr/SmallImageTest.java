package org.imagerl.rewards.ocr;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;

/** Images of a few dozen pixels, in which the detector finds no line, by the default settings. */
class SmallImageTest {
    private static final Context CONTEXT = new Context(Path.of(""), "cpu", 2, warning -> {});

    private static List<Score> scores(List<RgbImage> images, List<String> words) {
        try (Reward reward = new OcrFactory().create(new OcrFactory().defaults(), CONTEXT)) {
            return reward.score(
                    images,
                    words.stream()
                            .map(word -> Prompt.of(word, "a sign that says \"" + word + "\""))
                            .toList());
        }
    }

    @Test
    void whatAPersonCanReadInASmallImageIsRead() {
        List<String> words = List.of("472", "105", "938", "OPEN", "610");
        List<RgbImage> images =
                words.stream().map(word -> TestImages.text(64, 32, word)).toList();
        List<Score> scores = scores(images, words);
        assertThat(scores).allSatisfy(score -> assertThat(score.value()).isGreaterThanOrEqualTo(0.7));
        assertThat(scores.stream().mapToDouble(Score::value).average().orElseThrow())
                .isGreaterThanOrEqualTo(0.9);
    }

    @Test
    void noiseAndEmptyImagesAreNotRead() {
        List<RgbImage> images = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            images.add(TestImages.noise(64, 32, i));
        }
        images.add(new RgbImage(64, 32, new byte[3 * 64 * 32]));
        images.add(TestImages.gradient(64, 32));
        assertThat(scores(images, List.of("472", "105", "938", "610", "333", "777")))
                .allSatisfy(score -> assertThat(score.value()).isZero());
    }
}
