package org.imagerl.spi.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NativeWorkTest {

    @AfterEach
    void restart() {
        NativeWork.restart();
    }

    @Test
    void anEndAsksTheCallInFlightToGiveUpAndWaitsForIt() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        Thread call = new Thread(() -> {
            NativeWork work = NativeWork.begin(asked::countDown);
            begun.countDown();
            await(asked);
            work.returned();
        });
        call.start();
        begun.await();
        assertThat(NativeWork.end(Duration.ofSeconds(30))).isTrue();
        call.join();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void nothingBeginsWhileTheProcessEnds() {
        assertThat(NativeWork.end(Duration.ZERO)).isTrue();
        assertThatThrownBy(() -> NativeWork.begin(() -> {})).isInstanceOf(CancellationException.class);
    }

    @Test
    void aCallThatDoesNotComeBackIsNotWaitedForLongerThanAsked() {
        NativeWork stuck = NativeWork.begin(() -> {});
        assertThat(NativeWork.end(Duration.ofMillis(20))).isFalse();
        stuck.returned();
        assertThat(NativeWork.end(Duration.ZERO)).isTrue();
    }
}
