package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Reward.Scope;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What every {@link Reward} must do. Extend it with a test class that says how to make the reward and gives at least three
 * images that it scores differently.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class RewardContract {
    private static final int THREADS = 4;
    private static final int BATCH = 5;
    private static final int WARM_UP = 4;
    private static final int REPEATS = 8;
    private static final Path STATM = Path.of("/proc/self/statm");
    private static final long PAGE_BYTES = 4096;

    /** An image and its prompt. */
    public record Example(RgbImage image, Prompt prompt) {}

    @SuppressWarnings("NullAway.Init")
    private Reward reward;

    /** A new instance. */
    protected abstract Reward create();

    /** At least three images, of different sizes if the reward takes them, not all with one score. */
    protected abstract List<Example> examples();

    @BeforeAll
    final void open() {
        reward = create();
    }

    @AfterAll
    final void close() {
        reward.close();
    }

    /** The instance that the tests share. */
    protected final Reward reward() {
        return reward;
    }

    @Test
    public void declaresARangeThatHoldsEveryScore() {
        Reward.Spec spec = reward.spec();
        assertThat(spec.min()).isLessThan(spec.max());
        assertThat(spec.unit()).isNotBlank();
        assertThat(values(examples())).allSatisfy(v -> assertThat(v).isBetween(spec.min(), spec.max()));
    }

    @Test
    public void acceptsThePromptsOfItsExamples() {
        assertThatCode(() -> examples().forEach(e -> reward.check(e.prompt()))).doesNotThrowAnyException();
    }

    @Test
    public void scoresImagesInTheirOrder() {
        List<Example> reversed = new ArrayList<>(examples());
        Collections.reverse(reversed);
        List<Double> expected = new ArrayList<>(values(examples()));
        assertThat(expected).hasSizeGreaterThanOrEqualTo(3);
        assertThat(expected.stream().distinct().count()).as("different scores").isGreaterThan(1);
        Collections.reverse(expected);
        assertThat(values(reversed)).isEqualTo(expected);
    }

    @Test
    public void givesTheSameScoresAgainAndFromAnotherInstance() {
        List<Score> expected = score(reward, examples());
        assertThat(score(reward, examples())).isEqualTo(expected);
        try (Reward other = create()) {
            assertThat(score(other, examples())).isEqualTo(expected);
        }
    }

    @Test
    public void givesAImageTheSameScoreAlone() {
        assumeTrue(reward.spec().scope() == Scope.POINTWISE, "only a pointwise score is independent of the batch");
        List<Score> alone = new ArrayList<>();
        examples().forEach(e -> alone.addAll(score(reward, List.of(e))));
        assertThat(alone).isEqualTo(score(reward, examples()));
    }

    @Test
    public void scoresNoImagesWithNoScores() {
        assertThat(reward.score(List.of(), List.of())).isEmpty();
    }

    @Test
    public void leavesTheImagesAsTheyWere() {
        List<Example> examples = examples();
        List<byte[]> before =
                examples.stream().map(e -> e.image().rgb().clone()).toList();
        score(reward, examples);
        for (int i = 0; i < examples.size(); i++) {
            assertThat(examples.get(i).image().rgb()).as("image %d", i).isEqualTo(before.get(i));
        }
    }

    @Test
    public void givesTheSameScoresFromManyThreads() throws Exception {
        List<Score> expected = score(reward, examples());
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            Callable<List<Score>> task = () -> score(reward, examples());
            for (Future<List<Score>> result : threads.invokeAll(Collections.nCopies(2 * THREADS, task))) {
                assertThat(result.get()).isEqualTo(expected);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    public void mayBeClosedTwice() {
        Reward closed = create();
        closed.close();
        assertThatCode(closed::close).doesNotThrowAnyException();
    }

    /** A score may not depend on the place in a batch, nor on how many there are. */
    @Test
    public void givesAImageTheSameScoreAtEveryPlaceOfABatch() {
        assumeTrue(reward.spec().scope() == Scope.POINTWISE, "only a pointwise score is independent of the batch");
        Example example = examples().get(0);
        Score alone = score(reward, List.of(example)).get(0);
        assertThat(score(reward, Collections.nCopies(BATCH, example))).containsOnly(alone);
    }

    /** Models that stay in memory after close show as growth of the process, which native memory is part of. */
    @Test
    public void closingReleasesItsMemory() {
        assumeTrue(Files.isReadable(STATM), "only Linux tells how much memory a process has");
        openAndClose(WARM_UP);
        long before = residentBytes();
        openAndClose(REPEATS);
        assertThat(residentBytes() - before)
                .as("bytes that %d instances left behind", REPEATS)
                .isLessThan(REPEATS * leakedBytes());
    }

    /** Fewer bytes per instance than a model that is not freed would leave behind: below the size of the model. */
    protected long leakedBytes() {
        return 8L << 20;
    }

    private void openAndClose(int times) {
        for (int i = 0; i < times; i++) {
            try (Reward other = create()) {
                score(other, examples());
            }
        }
    }

    private static long residentBytes() {
        System.gc();
        try {
            return Long.parseLong(Files.readString(STATM).split(" ")[1]) * PAGE_BYTES;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Score> score(Reward reward, List<Example> examples) {
        return reward.score(
                examples.stream().map(Example::image).toList(),
                examples.stream().map(Example::prompt).toList());
    }

    private List<Double> values(List<Example> examples) {
        List<Score> scores = score(reward, examples);
        assertThat(scores).hasSameSizeAs(examples).allMatch(Score::ok, "has a value");
        return scores.stream().map(Score::value).toList();
    }
}
