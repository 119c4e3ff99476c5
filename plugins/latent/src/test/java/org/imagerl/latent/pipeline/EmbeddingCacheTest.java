package org.imagerl.latent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingCacheTest {
    private static final long LARGE = 1 << 20;

    private final NDManager manager = NDManager.newBaseManager();
    private final List<String> notices = new ArrayList<>();
    private int computed;

    @TempDir
    private Path folder;

    private EmbeddingCache cache(long maxBytes) {
        return new EmbeddingCache(folder.resolve("cache"), maxBytes, notices::add);
    }

    private float[] get(EmbeddingCache cache, String identity, long... ids) {
        return cache.get(manager, identity, Arrays.toString(ids), () -> {
                    computed++;
                    float[] values = new float[100];
                    values[0] = 1 / 3f + ids[0];
                    NDArray hidden = manager.create(values).reshape(1, 4, 25);
                    return new TreeMap<>(Map.of("hidden", Kernels.cast(hidden, DataType.BFLOAT16)));
                })
                .get("hidden")
                .toFloatArray();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
            return files.sorted().toList();
        }
    }

    @Test
    void aPromptIsEncodedOnceForEachEncoder() throws IOException {
        float[] first = get(cache(LARGE), "one", 1, 2);
        assertThat(get(cache(LARGE), "one", 1, 2)).isEqualTo(first);
        assertThat(computed).isEqualTo(1);
        get(cache(LARGE), "one", 1, 3);
        get(cache(LARGE), "two", 1, 2);
        assertThat(computed).isEqualTo(3);
        assertThat(files()).hasSize(3);
        assertThat(notices).isEmpty();
    }

    @Test
    void aDamagedFileIsSaidAndMadeAgain() throws IOException {
        float[] first = get(cache(LARGE), "one", 1);
        Path file = files().get(0);
        Files.write(file, new byte[] {1, 2, 3});
        assertThat(get(cache(LARGE), "one", 1)).isEqualTo(first);
        assertThat(notices).hasSize(1);
        assertThat(notices.get(0)).contains(file.toString()).endsWith("it is encoded again");
        assertThat(get(cache(LARGE), "one", 1)).isEqualTo(first);
        assertThat(computed).isEqualTo(2);
    }

    @Test
    void whatWasNotUsedForLongestGoesWhenThereIsTooMuch() throws IOException {
        get(cache(LARGE), "one", 1);
        long size = Files.size(files().get(0));
        Files.writeString(folder.resolve("cache/notes.txt"), "of the user");
        for (int i = 2; i <= 4; i++) {
            get(cache(LARGE), "one", i);
        }
        for (Path file : files()) {
            assertThat(file.toFile().setLastModified(1_000_000)).isTrue();
        }
        get(cache(LARGE), "one", 2); // used now
        get(cache(5 * size - 1), "one", 5);
        assertThat(computed).isEqualTo(5);
        assertThat(files()).hasSize(4); // three of five, and the user's
        get(cache(LARGE), "one", 2);
        get(cache(LARGE), "one", 5);
        assertThat(computed).isEqualTo(5);
    }
}
