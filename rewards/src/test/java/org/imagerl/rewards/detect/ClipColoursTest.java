package org.imagerl.rewards.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.hub.tokenizer.CharacterVocabulary;
import org.imagerl.rewards.detect.DetectorConfig.Measure;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.rewards.onnx.OnnxGraph.Attribute;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tiny CLIP embeds an image as its mean colour and a text as the mean of the vectors of its letters: d is red (in {@code red}, and in every {@code -colored}), g is green ({@code green}
 * and {@code orange}), u is blue ({@code blue} and {@code purple}), n (in {@code orange}, {@code green}, {@code pink} and {@code brown}) and p turn away from all three, and a is a little of
 * all. A cat lies in the left half of the image, another one in the right half.
 */
class ClipColoursTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void writeModels() throws IOException {
        TinyDetectors.write(
                folder.resolve("detector"),
                TinyDetectors.constant(new float[] {0, 0, 8, 16, 0.9f, 0, 8, 0, 16, 16, 0.8f, 0}, 1, 2, 6));
        Path clip = Files.createDirectories(folder.resolve("clip"));
        CharacterVocabulary.write(clip, 77);
        Files.writeString(
                clip.resolve("preprocessor_config.json"),
                "{\"size\": {\"height\": 8, \"width\": 8}, \"image_mean\": [0, 0, 0], \"image_std\": [1, 1, 1]}");
        float[] letters = new float[3 * CharacterVocabulary.size()];
        letter(letters, 'd', 1, 0, 0);
        letter(letters, 'g', 0, 1, 0);
        letter(letters, 'u', 0, 0, 1);
        letter(letters, 'n', -0.3f, -0.3f, -0.3f);
        letter(letters, 'a', 0.01f, 0.01f, 0.01f);
        letter(letters, 'p', -0.1f, -0.1f, -0.1f);
        new OnnxGraph()
                .input("pixel_values", DataType.FLOAT, -1, 3, 8, 8)
                .node(
                        "ReduceMean",
                        List.of("pixel_values"),
                        "image_embeds",
                        Attribute.list("axes", 2L, 3L),
                        Attribute.of("keepdims", 0))
                .output("image_embeds", DataType.FLOAT, -1, 3)
                .write(clip.resolve("vision_model.onnx"));
        new OnnxGraph()
                .input("input_ids", DataType.INT64, -1, -1)
                .weights("letters", letters, CharacterVocabulary.size(), 3)
                .node("Gather", List.of("letters", "input_ids"), "gathered")
                .node(
                        "ReduceMean",
                        List.of("gathered"),
                        "text_embeds",
                        Attribute.list("axes", 1L),
                        Attribute.of("keepdims", 0))
                .output("text_embeds", DataType.FLOAT, -1, 3)
                .write(clip.resolve("text_model.onnx"));
    }

    /** In the middle of a word and at its end. */
    private static void letter(float[] letters, char letter, float... vector) {
        int before = 0;
        for (char c = '!'; c < letter; c++) {
            before += Character.isUpperCase(c) ? 0 : 1;
        }
        System.arraycopy(vector, 0, letters, 3 * before, 3);
        System.arraycopy(vector, 0, letters, 3 * (before + (CharacterVocabulary.size() - 2) / 2), 3);
    }

    private Reward reward() {
        return DetectorRewardTest.reward(
                folder.resolve("detector"),
                null,
                null,
                null,
                Measure.SHARE,
                folder.resolve("clip").toString());
    }

    /** Left red, right blue. */
    private static RgbImage halves() {
        byte[] rgb = new byte[16 * 16 * 3];
        for (int i = 0; i < 256; i++) {
            rgb[3 * i + (i % 16 < 8 ? 0 : 2)] = (byte) 220;
        }
        return new RgbImage(16, 16, rgb);
    }

    private static Prompt cats(int count, String colour) {
        return TinyDetectors.prompt(
                "colors", "[{\"class\": \"cat\", \"count\": " + count + ", \"color\": \"" + colour + "\"}]");
    }

    /** GenEval looks at the surest cat alone; Flow-GRPO's measures want exactly one, and give half a point for a count of 0 of 1 that is 0 away and a color that is missing. */
    @Test
    void eachObjectHasTheColourThatItsBoxShows() {
        try (Reward reward = reward()) {
            List<Score> scores = reward.score(
                    List.of(halves(), halves(), halves(), halves()),
                    List.of(cats(1, "red"), cats(1, "blue"), cats(2, "red"), cats(2, "blue")));
            assertThat(scores).allMatch(Score::ok);
            assertThat(scores)
                    .extracting(score -> score.details().get("correct"))
                    .containsExactly("1.0", "0.0", "0.0", "0.0");
            // two cats where one is wanted: 1 - 1/1 for the number, 0 for the colour; two where two are: 1, and a half
            // for the colour
            assertThat(scores).extracting(Score::value).containsExactly(0.0, 0.0, 0.75, 0.75);
            assertThat(scores.get(2).details().get("reason")).contains("red, blue");
        }
    }

    @Test
    void aClipWithoutATextModelIsRefusedByName() throws IOException {
        Files.delete(folder.resolve("clip/text_model.onnx"));
        assertThatThrownBy(this::reward)
                .hasMessageContaining(folder.resolve("clip").toString())
                .hasMessageContaining("text_model.onnx");
    }
}
