package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchPeakTest {
    private final List<Integer> tried = new ArrayList<>();

    /** At rest 60 bytes, and each image takes 20; but 40 fit beside what the process had before. */
    private BatchPeak.Trial each(double seconds) {
        return images -> {
            tried.add(images);
            return new BatchPeak.Took(60, Math.max(100, 60 + 20L * images), seconds * images);
        };
    }

    @Test
    void isThatOfTheBatchItselfWhereItSurelyFits() {
        assertThat(BatchPeak.of(each(0), 1, 64, 10_000)).isEqualTo(1340);
        assertThat(tried).containsExactly(1, 4, 16, 64);
    }

    @Test
    void isThatOfALineWhereItMayNotFit() {
        assertThat(BatchPeak.of(each(0), 1, 64, 1000)).isEqualTo(1340);
        assertThat(tried).as("what fits for sure").containsExactly(1, 4, 16);
    }

    @Test
    void isThatOfALineWhereItTakesLong() {
        assertThat(BatchPeak.of(each(1.5), 1, 64, 10_000)).isEqualTo(940);
        assertThat(tried).as("six seconds, but not twelve").containsExactly(1, 4);
        tried.clear();
        assertThat(BatchPeak.of(each(4), 2, 6, 10_000))
                .as("beside what is in use at rest")
                .isEqualTo(180);
        assertThat(tried).containsExactly(2);
    }

    @Test
    void isThatOfTheSmallestBatchOnWhereNoLimitIsKnown() {
        assertThat(BatchPeak.of(each(0), 2, 2, 0)).isEqualTo(100);
        assertThat(tried).containsExactly(2);
    }
}
