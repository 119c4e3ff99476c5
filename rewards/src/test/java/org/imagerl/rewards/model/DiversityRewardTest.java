package org.imagerl.rewards.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.rewards.onnx.OnnxGraph;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiversityRewardTest {
    private static final Prompt PROMPT = Prompt.of("p", "x");

    @TempDir
    private Path folder;

    @BeforeEach
    void writeModel() throws IOException {
        TinyModels.write(folder, TinyModels.vision(new OnnxGraph(), -1));
    }

    /** An image of one colour: its embedding in the tiny model. */
    private static RgbImage colour(int red, int green, int blue) {
        byte[] rgb = new byte[8 * 8 * 3];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) red;
            rgb[i + 1] = (byte) green;
            rgb[i + 2] = (byte) blue;
        }
        return new RgbImage(8, 8, rgb);
    }

    private List<Score> score(RgbImage... images) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < images.length; i++) {
            prompts.add(PROMPT);
        }
        try (Reward reward = new DiversityFactory().create(TinyModels.config("onnx", folder), TinyModels.CONTEXT)) {
            assertThat(reward.spec().scope()).isEqualTo(Reward.Scope.GROUPWISE);
            return reward.score(List.of(images), prompts);
        }
    }

    @Test
    void aImageUnlikeTheOthersScoresHighest() {
        List<Score> scores = score(colour(200, 0, 0), colour(100, 0, 0), colour(0, 200, 0));
        assertThat(scores.get(0).value()).isCloseTo(0.5, within(1e-6)); // 0 from its like, 1 from the other
        assertThat(scores.get(1).value()).isCloseTo(0.5, within(1e-6));
        assertThat(scores.get(2).value()).isCloseTo(1, within(1e-6));
    }

    @Test
    void aImageAloneHasNone() {
        assertThat(score(colour(200, 0, 0)).get(0).error()).contains("at least two per prompt");
    }

    @Test
    void anOutputThatIsNotCalledAnEmbeddingIsRefused() throws IOException {
        TinyModels.write(folder, TinyModels.brightness(-1, 3, 8, 8));
        assertThatThrownBy(() -> score(colour(200, 0, 0), colour(0, 0, 9)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no output image_embeds");
    }

    @Test
    void bothTowersInOneModelDoAsWell() throws IOException {
        TinyModels.write(folder, TinyModels.clip());
        TinyModels.writeTokenizer(folder);
        assertThat(score(colour(200, 0, 0), colour(0, 0, 9)).get(0).value()).isCloseTo(1, within(1e-6));
    }
}
