package org.imagerl.rewards.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.imagerl.images.PngWriter;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tiny model embeds an image as its mean colour. */
class ReferenceImageRewardTest {
    private static final RgbImage RED = colour(200, 0, 0);
    private static final RgbImage GREEN = colour(0, 100, 0);

    @TempDir
    private Path folder;

    @BeforeEach
    void writeModelAndReferences() throws IOException {
        TinyModels.write(folder, TinyModels.vision(new OnnxGraph(), -1));
        PngWriter.write(folder.resolve("red.png"), RED, Map.of());
        PngWriter.write(folder.resolve("green.png"), GREEN, Map.of());
    }

    private static RgbImage colour(int red, int green, int blue) {
        byte[] rgb = new byte[8 * 8 * 3];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) red;
            rgb[i + 1] = (byte) green;
            rgb[i + 2] = (byte) blue;
        }
        return new RgbImage(8, 8, rgb);
    }

    private static Prompt like(String file) {
        return new Prompt("p", "x", Map.of("reference", file));
    }

    private Reward reward() {
        return new ReferenceImageFactory()
                .create(
                        new ReferenceImageFactory.Config(TinyModels.config("onnx", folder), "reference"),
                        new Context(folder, "cpu", 2, warning -> {}));
    }

    private List<Score> score(Prompt prompt, RgbImage... images) {
        try (Reward reward = reward()) {
            return reward.score(List.of(images), Collections.nCopies(images.length, prompt));
        }
    }

    /** The reference itself scores highest, another brightness of its colour alike, and another reference turns the order. */
    @Test
    void theReferenceItselfScoresHighest() {
        List<Score> likeRed = score(like("red.png"), RED, colour(90, 0, 0), colour(100, 100, 0), GREEN);
        assertThat(likeRed.get(0).value()).isCloseTo(1, within(1e-6));
        assertThat(likeRed.get(1).value()).isCloseTo(1, within(1e-6));
        assertThat(likeRed.get(2).value()).isCloseTo(Math.sqrt(0.5), within(1e-6));
        assertThat(likeRed.get(3).value()).isCloseTo(0, within(1e-6));
        List<Score> likeGreen = score(like("green.png"), RED, GREEN);
        assertThat(likeGreen.get(0).value()).isCloseTo(0, within(1e-6));
        assertThat(likeGreen.get(1).value()).isCloseTo(1, within(1e-6));
    }

    /** Neither of the two is the better one. */
    @Test
    void itIsSymmetric() {
        double one = score(like("red.png"), GREEN).get(0).value();
        assertThat(score(like("green.png"), RED).get(0).value()).isCloseTo(one, within(1e-6));
    }

    @Test
    void aPromptWithoutAReferenceIsRefusedAndNeverScoredAsZero() {
        try (Reward reward = reward()) {
            assertThatThrownBy(() -> reward.check(Prompt.of("p", "x")))
                    .hasMessageContaining("has no field \"reference\"");
            assertThatThrownBy(() -> reward.check(like("blue.png"))).hasMessageContaining("blue.png");
            Score lost = reward.score(List.of(RED), List.of(like("blue.png"))).get(0);
            assertThat(lost.ok()).isFalse();
            assertThat(lost.error()).contains("blue.png");
        }
    }
}
