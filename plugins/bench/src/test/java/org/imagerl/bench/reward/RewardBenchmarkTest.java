package org.imagerl.bench.reward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.rewards.model.Presets;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Score;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardBenchmarkTest {
    @TempDir
    private Path folder;

    @Test
    void itRunsAndLeavesNothingBehind() throws IOException {
        List<String> lines = new ArrayList<>();
        RewardBenchmarkFactory.Config config = new RewardBenchmarkFactory.Config(2, List.of(1), 1, folder.toString());
        Context context = new Context(folder, "cpu", 1, line -> {});
        new RewardBenchmarkFactory().create(config, context).run(lines::add);
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).startsWith("OCR, 1 threads: detect 512 x 512");
        assertThat(lines.get(1)).startsWith("CLIP (1 layers), 1 threads").contains("model");
        try (var left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void itsClipIsARewardThatTellsImagesApart() throws IOException {
        RandomClip.write(folder, 1);
        try (Reward reward = Presets.make("clip", folder, new Context(folder, "cpu", 1, line -> {}))) {
            List<Score> scores = reward.score(
                    List.of(TestImages.noise(64, 64, 1), TestImages.gradient(64, 64)),
                    List.of(Prompt.of("a", "one"), Prompt.of("b", "two")));
            assertThat(scores).allMatch(Score::ok);
            assertThat(scores.get(0).value()).isNotEqualTo(scores.get(1).value());
        }
    }
}
