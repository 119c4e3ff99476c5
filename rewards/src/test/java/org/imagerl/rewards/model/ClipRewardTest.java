package org.imagerl.rewards.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.rewards.onnx.OpenModels;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.testkit.RewardContract;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A CLIP of both towers in one file keeps the contract of rewards; two files give the same. */
class ClipRewardTest extends RewardContract {
    @TempDir
    private static Path folder;

    @Override
    protected Reward create() {
        if (!Files.exists(folder.resolve("vocab.json"))) {
            writeModel();
        }
        return TinyModels.reward("clip", folder);
    }

    private static void writeModel() {
        try {
            TinyModels.write(folder, TinyModels.clip());
            TinyModels.writeTokenizer(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(TestImages.gradient(20, 12), Prompt.of("0", "a red gradient")),
                new Example(TestImages.noise(8, 8, 1), Prompt.of("1", "noise")),
                new Example(TestImages.noise(64, 64, 2), Prompt.of("0", "a red gradient")),
                new Example(TestImages.text(100, 50, "x"), Prompt.of("2", "letters")));
    }

    @Test
    void twoTowersInTwoFilesScoreAsOneModelDoes(@TempDir Path towers) throws IOException {
        TinyModels.write(towers, TinyModels.vision(new OnnxGraph(), -1));
        Files.move(towers.resolve("model.onnx"), towers.resolve("vision_model.onnx"));
        Files.createDirectory(towers.resolve("onnx"));
        TinyModels.text(new OnnxGraph()).write(towers.resolve("onnx").resolve("text_model.onnx"));
        TinyModels.writeTokenizer(towers);
        List<RgbImage> images = examples().stream().map(Example::image).toList();
        List<Prompt> prompts = examples().stream().map(Example::prompt).toList();
        try (Reward two = TinyModels.reward("clip", towers)) {
            List<Score> expected = reward().score(images, prompts);
            List<Score> scores = two.score(images, prompts);
            for (int i = 0; i < scores.size(); i++) {
                assertThat(scores.get(i).value()).isCloseTo(expected.get(i).value(), within(1e-6));
            }
            assertThat(two.facts().get("kind")).contains("two towers");
        }
    }

    @Test
    void aModelThatIsUsedTwiceIsLoadedOnce() {
        int before = OpenModels.count();
        try (Reward other = TinyModels.reward("clipscore", folder)) {
            assertThat(OpenModels.count()).isEqualTo(before);
            Prompt prefixed = Prompt.of("", "A photo depicts noise"); // clipscore.py of Hessel et al.
            Score cosine = reward().score(List.of(TestImages.noise(8, 8, 1)), List.of(prefixed))
                    .get(0);
            Score clipScore = other.score(List.of(TestImages.noise(8, 8, 1)), List.of(Prompt.of("", "noise")))
                    .get(0);
            assertThat(clipScore.value()).isEqualTo(Math.max(0, 2.5 * cosine.value()));
        }
        assertThat(OpenModels.count()).isEqualTo(before);
    }

    @Test
    void aImageWithoutPromptIsRefused() {
        assertThatThrownBy(() -> reward().check(Prompt.of("", " "))).hasMessageContaining("--prompt");
    }

    @Test
    void factsSayWhatWasResolvedAndFilesWhatItDependsOn() {
        assertThat(reward().facts().toString())
                .contains("pixel_values float[any, 3, 8, 8]=image")
                .contains("shortest 8 bicubic uint8, crop 8 x 8")
                .contains("vocab.json, at most 77 tokens, not padded")
                .contains("cosine of image_embeds and text_embeds");
        assertThat(reward().files())
                .contains(
                        folder.resolve("model.onnx"),
                        folder.resolve("vocab.json"),
                        folder.resolve("preprocessor_config.json"));
    }
}
