package org.imagerl.spi.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WorkersTest {
    private final Workers workers = new Workers(3, "test");

    @AfterEach
    void close() {
        workers.close();
    }

    @Test
    void giveResultsInOrder() {
        assertThat(workers.map(100, i -> i * i))
                .isEqualTo(IntStream.range(0, 100).mapToObj(i -> i * i).toList());
        assertThat(workers.<Integer>map(0, i -> i)).isEmpty();
    }

    @Test
    void workAtTheSameTime() {
        CountDownLatch all = new CountDownLatch(3);
        List<Boolean> met = workers.map(3, i -> {
            all.countDown();
            return await(all);
        });
        assertThat(met).containsOnly(true);
    }

    @Test
    void passOnWhatATaskThrows() {
        assertThatThrownBy(() -> workers.map(3, i -> {
                    throw UserException.input("image " + i);
                }))
                .isInstanceOf(UserException.class)
                .hasMessage("image 0");
        assertThatThrownBy(() -> workers.map(1, i -> {
                    throw new StackOverflowError();
                }))
                .isInstanceOf(StackOverflowError.class);
    }

    @Test
    void stopWaitingWhenInterrupted() {
        CountDownLatch never = new CountDownLatch(1); // a task that ends at once might be done before anyone waits
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> workers.map(1, i -> await(never))).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void leaveNoTaskRunningWhenInterrupted() {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean left = new AtomicBoolean();
        Thread caller = Thread.currentThread();
        assertThatThrownBy(() -> workers.map(2, i -> {
                    if (i == 0) {
                        begun.countDown();
                        while (!Thread.interrupted()) { // as a native call, which only ends when it is done
                            Thread.onSpinWait();
                        }
                        left.set(true);
                    } else {
                        await(begun);
                        caller.interrupt();
                    }
                    return i;
                }))
                .isInstanceOf(CancellationException.class);
        assertThat(left).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void giveEveryTaskTheTimeLimitOfTheCaller() {
        List<TimeLimit> limits = TimeLimit.within(Duration.ofSeconds(7), () -> workers.map(5, i -> TimeLimit.here()));
        assertThat(limits).allSatisfy(limit -> {
            assertThat(limit.perImage()).isEqualTo(Duration.ofSeconds(7));
            assertThat(limit.deadlineNanos()).isNotZero();
        });
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(2, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            return false;
        }
    }
}
