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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of rewards, and the options, with every image taken as one line. */
final class LineOcrRewardTest extends RewardContract {
    private static final Context CONTEXT = new Context(Path.of(""), "cpu", 2, warning -> {});
    private static final Prompt PROMPT = Prompt.of("p", "a sign that says \"472\"");

    @Override
    protected Reward create() {
        return create(OcrConfig.Models.PP_OCR_V4, 0.5, OcrConfig.ChannelOrder.BGR);
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(TestImages.text(64, 32, "472"), PROMPT),
                new Example(TestImages.text(64, 32, "402"), PROMPT),
                new Example(TestImages.text(150, 40, "HELLO"), PROMPT),
                new Example(TestImages.gradient(64, 32), PROMPT));
    }

    @ParameterizedTest
    @EnumSource(OcrConfig.Models.class)
    void readsWithEachGenerationOfNetworksAndEitherColourOrder(OcrConfig.Models models) {
        for (OcrConfig.ChannelOrder order : OcrConfig.ChannelOrder.values()) {
            try (Reward reward = create(models, 0.5, order)) {
                assertThat(score(reward, TestImages.text(64, 32, "472")).value())
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void ignoresWhatItReadWithTooLittleConfidence() {
        try (Reward strict = create(OcrConfig.Models.PP_OCR_V4, 1.0, OcrConfig.ChannelOrder.BGR)) {
            Score score = score(strict, TestImages.text(64, 32, "472"));
            assertThat(score.value()).isZero();
            assertThat(score.details())
                    .containsEntry("read", "")
                    .containsEntry("dropped", "472")
                    .containsEntry("exact", "false");
        }
    }

    @Test
    void scoresImagesOfAnyShape() {
        for (RgbImage image :
                List.of(TestImages.noise(1, 1, 1), TestImages.noise(1, 500, 2), TestImages.noise(9000, 1, 3))) {
            assertThat(score(reward(), image).ok()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void refusesADropScoreThatIsNoProbability(double dropScore) {
        assertThatThrownBy(() -> create(OcrConfig.Models.PP_OCR_V4, dropScore, OcrConfig.ChannelOrder.BGR))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("drop_score");
    }

    private static Score score(Reward reward, RgbImage image) {
        return reward.score(List.of(image), List.of(PROMPT)).get(0);
    }

    @Test
    void linesOfOneWidthCanBeReadTogether() {
        List<RgbImage> images = List.of(
                TestImages.text(64, 32, "472"),
                TestImages.text(150, 40, "HELLO"),
                TestImages.text(64, 32, "OPEN"),
                TestImages.text(128, 64, "99"));
        List<Prompt> prompts = List.of(PROMPT, PROMPT, PROMPT, PROMPT);
        OcrConfig d = config(OcrConfig.Models.PP_OCR_V4, 0.5, OcrConfig.ChannelOrder.BGR, 3);
        try (Reward batched = new OcrFactory().create(d, CONTEXT)) {
            List<Score> expected = reward().score(images, prompts);
            List<Score> scores = batched.score(images, prompts);
            for (int i = 0; i < scores.size(); i++) {
                assertThat(scores.get(i).value()).isEqualTo(expected.get(i).value());
                assertThat(scores.get(i).details().get("read"))
                        .isEqualTo(expected.get(i).details().get("read"));
            }
        }
    }

    private static Reward create(OcrConfig.Models models, double dropScore, OcrConfig.ChannelOrder order) {
        return new OcrFactory().create(config(models, dropScore, order, null), CONTEXT);
    }

    private static OcrConfig config(
            OcrConfig.Models models, double dropScore, OcrConfig.ChannelOrder order, Integer batch) {
        OcrConfig d = new OcrFactory().defaults();
        return new OcrConfig(
                models,
                OcrConfig.Mode.LINE,
                dropScore,
                order,
                ReadingOrder.PADDLE,
                d.quotes(),
                d.fallback(),
                d.ignoreCase(),
                d.ignoreSpaces(),
                batch,
                "auto");
    }
}
