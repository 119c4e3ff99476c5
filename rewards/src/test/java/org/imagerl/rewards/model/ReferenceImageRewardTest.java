package org.imagerl.rewards.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
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

    private Reward reward(String... policies) {
        return new ReferenceImageFactory()
                .create(
                        new ReferenceImageFactory.Config(
                                TinyModels.config("onnx", folder), "reference", List.of(policies)),
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

    /** Images of a prompt by a policy that makes them reddish or bluish, of a green that is each image's own. */
    private void sample(String policy, int red, int blue) {
        Random random = new Random(policy.hashCode());
        for (int i = 0; i < 20; i++) {
            RgbImage made = colour(red + random.nextInt(20), random.nextInt(250), blue + random.nextInt(20));
            PngWriter.write(folder.resolve(policy).resolve(i + ".png"), made, Map.of("prompt", "prompt " + i / 2));
        }
    }

    @Test
    void itLearnsInWhatPoliciesDiffer() {
        sample("reddish", 60, 40);
        sample("bluish", 40, 60);
        RgbImage reddish = colour(70, 160, 50);
        RgbImage bluish = colour(50, 60, 70);
        RgbImage reference = colour(70, 60, 50);
        PngWriter.write(folder.resolve("ref.png"), reference, Map.of());
        List<Score> plain = score(like("ref.png"), reddish, bluish);
        assertThat(plain.get(0).value()).isLessThan(plain.get(1).value());
        try (Reward reward = reward("reddish", "bluish");
                Reward again = reward("reddish", "bluish")) {
            List<Prompt> prompts = Collections.nCopies(3, like("ref.png"));
            List<Score> scores = reward.score(List.of(reddish, bluish, reference), prompts);
            assertThat(scores.get(0).value()).isGreaterThan(scores.get(1).value());
            assertThat(scores.get(2).value()).isCloseTo(1, within(1e-9));
            assertThat(again.score(List.of(reddish, bluish, reference), prompts))
                    .isEqualTo(scores);
            assertThat(reward.facts())
                    .containsEntry("comparisons won", "1.0000 of those of 8 prompts (by the cosine 0.7969)")
                    .containsKey("held-out comparisons won");
            assertThat(reward.files()).contains(folder.resolve("bluish").resolve("7.png"));
        }
    }

    @Test
    void policiesWithNothingToCompareAreRefused() {
        assertThatThrownBy(() -> reward("reddish")).hasMessageContaining("at least two folders");
        assertThatThrownBy(() -> reward("gone", "one"))
                .hasMessageContaining("policies: ")
                .hasMessageContaining("gone is no folder");
        PngWriter.write(folder.resolve("one/a.png"), RED, Map.of("prompt", "a"));
        PngWriter.write(folder.resolve("two/b.png"), RED, Map.of("prompt", "b"));
        PngWriter.write(folder.resolve("none/b.png"), RED, Map.of());
        assertThatThrownBy(() -> reward("one", "two")).hasMessageContaining("no prompt has two images");
        assertThatThrownBy(() -> reward("one", "none")).hasMessageContaining("no PNG file with the text prompt");
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
