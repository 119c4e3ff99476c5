package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.imagerl.spi.Features;
import org.imagerl.spi.RgbImage;
import org.junit.jupiter.api.Test;

/** What everything must do that makes vectors of images; extend it with a test of your own. */
public abstract class FeaturesContract {
    private static final List<RgbImage> IMAGES =
            List.of(TestImages.gradient(16, 16), TestImages.noise(24, 8, 3), TestImages.text(40, 20, "abc"));

    /** A fresh one. */
    protected abstract Features create();

    /** Of any sizes, one for each image, in their order. */
    @Test
    public void everyImageHasAVectorOfItsOwn() {
        try (Features features = create()) {
            assertThat(features.width()).isBetween(1, Features.MAX_WIDTH);
            float[][] vectors = features.of(IMAGES);
            assertThat(vectors.length).isEqualTo(IMAGES.size());
            for (int i = 0; i < vectors.length; i++) {
                float[] vector = vectors[i];
                assertThat(vector).as("image %d", i).hasSize(features.width());
                assertThat(IntStream.range(0, vector.length)).allMatch(at -> Float.isFinite(vector[at]));
                assertThat(features.of(List.of(IMAGES.get(i)))[0])
                        .as("image %d alone", i)
                        .containsExactly(vector);
            }
            assertThat(features.of(List.of()).length).isZero();
        }
    }

    /** A classifier that was trained on them is opened with others of the same files. */
    @Test
    public void anotherOneGivesTheSameVectors() {
        try (Features features = create();
                Features other = create()) {
            assertThat(other.of(IMAGES)).isDeepEqualTo(features.of(IMAGES));
            assertThat(other.files()).isEqualTo(features.files());
            assertThat(other.facts()).isEqualTo(features.facts());
        }
    }

    @Test
    public void threadsDoNotDisturbEachOther() {
        try (Features features = create()) {
            float[][] expected = features.of(IMAGES);
            List<CompletableFuture<float[][]>> others = IntStream.range(0, 3)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> features.of(IMAGES)))
                    .toList();
            others.forEach(other -> assertThat(other.join()).isDeepEqualTo(expected));
        }
    }

    /** Their hashes tie a classifier to them. */
    @Test
    public void theFilesAreThere() {
        try (Features features = create()) {
            for (Path file : features.files()) {
                assertThat(file).isRegularFile();
            }
            for (Map.Entry<String, String> fact : features.facts().entrySet()) {
                assertThat(fact.getKey()).isNotBlank();
                assertThat(fact.getValue()).isNotBlank();
            }
        }
    }

    @Test
    public void mayBeClosedTwice() {
        Features features = create();
        features.close();
        assertThatCode(features::close).doesNotThrowAnyException();
    }
}
