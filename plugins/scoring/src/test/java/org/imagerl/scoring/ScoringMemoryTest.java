package org.imagerl.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.images.ExifOrientation;
import org.imagerl.images.PngWriter;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that are too large, alone or together, are rows with a reason or smaller batches, never the end of a run. */
class ScoringMemoryTest {
    private static final Progress QUIET = (stage, done, total, detail) -> {};

    @TempDir
    private Path folder;

    /** Memory runs out when it sees an image of more than a width. */
    private record Greedy(int maxWidth, boolean wrapped, Scope scope, List<Integer> calls) implements Reward {
        @Override
        public Spec spec() {
            return new Spec(scope, 0, 1, true, "nothing");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            calls.add(images.size());
            try {
                int largest = images.stream().mapToInt(RgbImage::width).max().orElse(0);
                byte[] memory = new byte[largest > maxWidth ? Integer.MAX_VALUE : 1];
                return images.stream().map(image -> Score.of(memory[0])).toList();
            } catch (OutOfMemoryError e) {
                if (wrapped) {
                    throw new IllegalStateException("a worker failed", e);
                }
                throw e;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereMemoryRunsOutTheImageFailsAndNoOther(boolean wrapped) throws IOException {
        png("a.png", 2);
        png("b.png", 5);
        png("c.png", 2);
        png("d.png", 2);
        Greedy greedy = new Greedy(4, wrapped, Reward.Scope.POINTWISE, new ArrayList<>());
        Path target = folder.resolve("scores.csv");
        ScoreSummary summary = run(greedy, 3, target);
        List<String> lines = Files.readAllLines(target);
        assertThat(lines.get(1)).startsWith("a.png,,0.0,,");
        assertThat(lines.get(2)).startsWith("b.png,,,\"memory ran out while this image of 5 x 5 pixels was scored");
        assertThat(lines.get(3)).startsWith("c.png,,0.0,,");
        assertThat(lines.get(4)).startsWith("d.png,,0.0,,");
        assertThat(greedy.calls).startsWith(3, 1, 1).endsWith(1);
        assertThat(summary.rewards().get(0).errors()).isEqualTo(1);
        assertThat(summary.images()).isEqualTo(4);
    }

    @Test
    void aGroupThatNeedsTooMuchFailsAsAWhole() throws IOException {
        png("a.png", 2);
        png("b.png", 5);
        Greedy greedy = new Greedy(4, false, Reward.Scope.GROUPWISE, new ArrayList<>());
        Path target = folder.resolve("scores.csv");
        run(greedy, 3, target);
        assertThat(Files.readAllLines(target).get(1)).startsWith("a.png,,,\"memory ran out while this image of 2 x 2");
        assertThat(Files.readAllLines(target).get(2)).startsWith("b.png,,,\"memory ran out while this image of 5 x 5");
    }

    private ScoreSummary run(Reward reward, int batch, Path target) {
        WeightedRewards rewards = new WeightedRewards(List.of(new WeightedRewards.Entry("greedy", 1, reward)));
        return ScoringRun.run(ImageFinder.find(folder, null, null), rewards, batch, target, QUIET);
    }

    @Test
    void batchesAreSmallerWhereImagesAreLarge() throws IOException {
        png("a.png", 10);
        png("b.png", 10);
        png("c.png", 10);
        png("d.png", 100);
        Files.writeString(folder.resolve("e.png"), "no image");
        png("f.png", 10);
        png("g.png", 10);
        assertThat(batches(3, false, 650)).containsExactly("a b", "c", "d", "e f g");
        assertThat(batches(3, false, 1 << 20)).containsExactly("a b c", "d e f", "g");
        assertThat(batches(1, false, 650)).containsExactly("a", "b", "c", "d", "e", "f", "g");
        assertThat(batches(3, true, 20_000)).containsExactly("a b c d e f g");
        assertThat(batches(3, true, 10_000)).containsExactly("a b c d e f g do not fit");
    }

    private List<String> batches(int size, boolean groupwise, long maxBytes) {
        List<ImageItem> items = ImageFinder.find(folder, "x", null);
        List<String> all = new ArrayList<>();
        try (ImagePrefetcher decoding = new ImagePrefetcher(ExifOrientation.IGNORE)) {
            new Batches(items, size, groupwise, maxBytes, decoding).forEachRemaining(batch -> {
                List<String> names = batch.items().stream()
                        .map(item -> item.name().replace(".png", ""))
                        .toList();
                all.add(String.join(" ", names) + (batch.fits() ? "" : " do not fit"));
            });
        }
        return all;
    }

    @Test
    void whereThePromptsComeFromIsSaidAndWhyThereIsNone() throws IOException {
        PngWriter.write(folder.resolve("a.png"), even(2), Map.of("prompt", "a cat"));
        PngWriter.write(folder.resolve("b.png"), even(2), Map.of("parameters", "a dog\nSteps: 20, Seed: 1"));
        String graph = "{\"3\": {\"class_type\": \"SaveImage\", \"inputs\": {}}}";
        PngWriter.write(folder.resolve("c.png"), even(2), Map.of("prompt", graph));
        png("d.png", 2);
        Files.writeString(folder.resolve("d.txt"), "a cow");
        png("e.png", 2);
        ScoreSummary summary =
                run(new Greedy(4, false, Reward.Scope.POINTWISE, new ArrayList<>()), 2, folder.resolve("s.csv"));
        assertThat(summary.promptSources())
                .isEqualTo(Map.of("text prompt", 1, "text parameters", 1, "none", 2, "text file beside it", 1));
        assertThat(summary.notes())
                .containsExactly("no prompt found, though the file speaks of one: 1 of the images, the first \"c.png\":"
                        + " its ComfyUI graph has no sampler that is known");
        assertThat(Files.readAllLines(folder.resolve("s.csv")).get(2)).startsWith("b.png,a dog,0.0");
    }

    private void png(String name, int side) {
        PngWriter.write(folder.resolve(name), even(side), Map.of());
    }

    private static RgbImage even(int side) {
        return new RgbImage(side, side, new byte[side * side * 3]);
    }
}
