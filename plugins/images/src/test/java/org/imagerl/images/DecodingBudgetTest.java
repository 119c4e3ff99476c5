package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import javax.imageio.IIOException;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

/** What is decoded at a time never takes more than there is. */
final class DecodingBudgetTest {
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void tasksTogetherStayWithinIt() throws InterruptedException, ExecutionException {
        DecodingBudget budget = new DecodingBudget(10 * MEBIBYTE, "it");
        AtomicLong taken = new AtomicLong();
        AtomicLong most = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Long>> futures = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                long bytes = (1 + i % 5) * MEBIBYTE;
                futures.add(threads.submit(() -> budget.run(bytes, "task", () -> {
                    most.accumulateAndGet(taken.addAndGet(bytes), Math::max);
                    return taken.addAndGet(-bytes);
                })));
            }
            for (Future<Long> future : futures) {
                future.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(most.get()).isBetween(5 * MEBIBYTE, 10 * MEBIBYTE);
        assertThat(budget.<Integer>run(10 * MEBIBYTE, "all", () -> 7))
                .as("all was given back")
                .isEqualTo(7);
    }

    @Test
    void whatNeverFitsIsRefusedWithBothNumbers() {
        DecodingBudget budget = new DecodingBudget(10 * MEBIBYTE, "its pixels");
        assertThatThrownBy(() -> budget.runReading(20 * MEBIBYTE, () -> 1))
                .isInstanceOf(IIOException.class)
                .hasMessageStartingWith("its pixels would take 20 MiB of memory, and 10 MiB of this Java's");
        assertThatThrownBy(() -> budget.run(20 * MEBIBYTE, "a.png", () -> 1))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("a.png cannot be read as an image: its pixels would take 20 MiB");
    }

    @Test
    void aTaskThatFailsGivesBackWhatItTook() {
        DecodingBudget budget = new DecodingBudget(MEBIBYTE, "it");
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> budget.run(MEBIBYTE, "a", () -> {
                        throw new IllegalStateException("x");
                    }))
                    .hasMessage("x");
        }
    }
}
