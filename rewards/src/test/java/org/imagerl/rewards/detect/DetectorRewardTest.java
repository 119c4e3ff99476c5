package org.imagerl.rewards.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.imagerl.hub.preprocess.Preprocess.Resize;
import org.imagerl.hub.preprocess.PreprocessConfig;
import org.imagerl.rewards.detect.DetectorConfig.Boxes;
import org.imagerl.rewards.detect.DetectorConfig.Measure;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.RewardContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tiny detectors find a cat about the brightest place, or always the same. */
final class DetectorRewardTest extends RewardContract {
    private static final Context CONTEXT = new Context(Path.of(""), "cpu", 2, warning -> {});
    private static final Prompt CAT = TinyDetectors.prompt("single_object", "[{\"class\": \"cat\", \"count\": 1}]");
    private static final Prompt TWO = TinyDetectors.prompt("counting", "[{\"class\": \"cat\", \"count\": 2}]");
    private static final Prompt DOG = TinyDetectors.prompt("single_object", "[{\"class\": \"dog\", \"count\": 1}]");

    @TempDir
    private static Path folder;

    @Override
    protected Reward create() {
        Path model = folder.resolve("brightest");
        write(model, TinyDetectors.brightest(-1));
        return reward(model, Resize.SQUASH, Measure.SHARE);
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(spot(16, 16, 3, 4), CAT),
                new Example(spot(32, 20, 9, 9), TWO),
                new Example(spot(8, 8, 1, 1), DOG));
    }

    static void write(Path model, OnnxGraph graph) {
        try {
            TinyDetectors.write(model, graph);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Reward reward(Path model, Resize resize, Measure measure) {
        PreprocessConfig preprocess = new PreprocessConfig(
                List.of(16),
                resize,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(0.0, 0.0, 0.0),
                List.of(1.0, 1.0, 1.0),
                null);
        return reward(model, preprocess, Boxes.CENTRE, null, measure, null);
    }

    static Reward reward(
            Path model, PreprocessConfig preprocess, Boxes boxes, Double overlap, Measure measure, String clip) {
        return new DetectorFactory()
                .create(
                        new DetectorConfig(
                                model.toString(),
                                null,
                                null,
                                preprocess,
                                null,
                                null,
                                boxes,
                                null,
                                measure,
                                null,
                                null,
                                null,
                                overlap,
                                null,
                                clip,
                                "cpu"),
                        CONTEXT);
    }

    /** Black but for one white pixel. */
    private static RgbImage spot(int width, int height, int x, int y) {
        byte[] rgb = new byte[3 * width * height];
        for (int c = 0; c < 3; c++) {
            rgb[3 * (y * width + x) + c] = (byte) 255;
        }
        return new RgbImage(width, height, rgb);
    }

    private static Score score(Reward reward, RgbImage image, Prompt prompt) {
        return reward.score(List.of(image), List.of(prompt)).get(0);
    }

    @Test
    void oneOfTwoIsAHalfAndNeitherMeasureOfAllOrNothing() {
        Score two = score(reward(), spot(16, 16, 8, 8), TWO);
        assertThat(two.value()).isCloseTo(0.5, within(1e-12));
        assertThat(two.details())
                .containsEntry("correct", "0.0")
                .containsEntry("strict", "0.0")
                .containsEntry("tag", "counting")
                .containsEntry("found", "1 cat (1.00)");
        assertThat(score(reward(), spot(16, 16, 8, 8), DOG).value()).isZero();
        Prompt one = TinyDetectors.prompt("", "[{\"class\": \"cat\", \"count\": 1}]");
        assertThat(score(reward(), spot(16, 16, 8, 8), one).details()).containsEntry("reason", "");
    }

    /** Where the brightest pixel of the image is, there is the box, whatever becomes of the image on its way to the model. */
    @Test
    void boxesAreInPixelsOfTheImageAfterEveryResizing() {
        for (Resize resize : List.of(Resize.SQUASH, Resize.LONGEST_PAD)) {
            try (Reward reward = reward(folder.resolve("brightest"), resize, Measure.SHARE)) {
                for (RgbImage image : List.of(spot(16, 16, 5, 9), spot(64, 32, 20, 12), spot(8, 16, 3, 10))) {
                    String box = score(reward, image, CAT).details().get("boxes");
                    assertThat(box)
                            .as("%s %d x %d", resize, image.width(), image.height())
                            .isNotNull();
                    double[] edges = Arrays.stream(box.split("[^0-9.]+"))
                            .filter(part -> !part.isEmpty())
                            .mapToDouble(Double::parseDouble)
                            .toArray();
                    int x = image.width() == 16 ? 5 : image.width() == 64 ? 20 : 3;
                    int y = image.height() == 32 ? 12 : image.width() == 16 ? 9 : 10;
                    assertThat((edges[0] + edges[2]) / 2).isCloseTo(x + 0.5, within(0.6));
                    assertThat((edges[1] + edges[3]) / 2).isCloseTo(y + 0.5, within(0.6));
                }
            }
        }
    }

    @Test
    void aModelOfAFixedBatchGivesTheSame() {
        Path model = folder.resolve("two");
        write(model, TinyDetectors.brightest(2));
        try (Reward two = reward(model, Resize.SQUASH, Measure.SHARE)) {
            for (Example example : examples()) {
                assertThat(score(two, example.image(), example.prompt()))
                        .isEqualTo(score(reward(), example.image(), example.prompt()));
            }
        }
    }

    /** All black: the model divides 0 by 0. */
    @Test
    void whatIsNoNumberIsAFailureAndNeverAZero() {
        Score score = score(reward(), new RgbImage(4, 4, new byte[48]), CAT);
        assertThat(score.ok()).isFalse();
        assertThat(score.error()).contains("no number");
    }

    @Test
    void promptsThatCannotBeScoredAreRefusedWithTheRemedy() {
        assertRefused(Prompt.of("p", "a cat"), "has no field include");
        assertRefused(TinyDetectors.prompt("", "[]"), "asks for no object");
        assertRefused(TinyDetectors.prompt("", "[{"), "is no JSON");
        assertRefused(TinyDetectors.prompt("", "[{\"class\": \"cta\", \"count\": 1}]"), "\"cta\" is no class");
        assertRefused(TinyDetectors.prompt("", "[{\"class\": \"cat\", \"count\": 0}]"), "count of at least 1");
        assertRefused(TinyDetectors.prompt("", "[{\"class\": \"cat\", \"count\": 1, \"size\": 3}]"), "the keys class");
        assertRefused(
                TinyDetectors.prompt("", "[{\"class\": \"cat\", \"count\": 1, \"color\": \"mauve\"}]"), "none of red");
        assertRefused(
                TinyDetectors.prompt("", "[{\"class\": \"cat\", \"count\": 1, \"color\": \"red\"}]"), "clip: DIR");
        assertRefused(
                TinyDetectors.prompt("", "[{\"class\": \"cat\", \"count\": 1, \"position\": [\"above\", 0]}]"),
                "an earlier entry");
    }

    private void assertRefused(Prompt prompt, String reason) {
        assertThatThrownBy(() -> reward().check(prompt))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(reason);
        assertThat(score(reward(), spot(16, 16, 1, 1), prompt).error()).contains(reason);
    }

    @Test
    void theSummaryIsTheAccuracyOfEachKindAndTheirMean() {
        List<Prompt> prompts = List.of(CAT, CAT, DOG, TWO);
        List<Score> scores = reward().score(Collections.nCopies(4, spot(16, 16, 8, 8)), prompts);
        assertThat(reward().summary(scores, prompts))
                .containsOnlyKeys("correct", "correct_single_object", "correct_counting")
                .satisfies(summary -> {
                    assertThat(summary.get("correct_single_object")).isCloseTo(2 / 3.0, within(1e-12));
                    assertThat(summary.get("correct_counting")).isZero();
                    assertThat(summary.get("correct")).isCloseTo(1 / 3.0, within(1e-12));
                });
    }

    @Test
    void aFolderThatIsNoneIsRefusedByName() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        assertThatThrownBy(() -> reward(empty, null, null, null, null, null))
                .hasMessageContaining("model.onnx")
                .hasMessageContaining(empty.toString());
        Path nameless = folder.resolve("nameless");
        write(nameless, TinyDetectors.brightest(-1));
        Files.delete(nameless.resolve("classes.txt"));
        assertThatThrownBy(() -> reward(nameless, null, null, null, null, null))
                .hasMessageContaining("classes.txt")
                .hasMessageContaining(nameless.toString());
        Path odd = folder.resolve("odd");
        write(odd, TinyDetectors.constant(new float[9], 1, 9));
        assertThatThrownBy(() -> reward(odd, null, null, null, null, null))
                .hasMessageContaining(odd.toString())
                .hasMessageContaining("layout")
                .hasMessageContaining("3 classes");
    }
}
