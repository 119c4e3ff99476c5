package org.imagerl.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledOnOs({OS.LINUX, OS.MAC})
class StopSignalTest {
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private final BlockingQueue<EndingSignal> deaths = new LinkedBlockingQueue<>();
    private final AtomicLong clock = new AtomicLong();

    private StopSignal listening() {
        return new StopSignal(said::add, deaths::add, clock::get);
    }

    private static void send(EndingSignal signal) throws Exception {
        String self = Long.toString(ProcessHandle.current().pid());
        assertThat(new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + self)
                        .start()
                        .waitFor())
                .isZero();
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        return queue.poll(30, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void aSignalAsksWorkThatHasBegunToStop(EndingSignal signal) throws Exception {
        try (StopSignal stop = listening()) {
            stop.expect(Duration.ofHours(1));
            stop.begin();
            assertThat(stop.asked()).isFalse();
            send(signal);
            assertThat(next(said)).startsWith("stopping");
            assertThat(stop.asked()).isTrue();
            assertThat(stop.exitCode()).isEqualTo(signal.exitCode());
            assertThat(deaths).isEmpty();
        }
    }

    @Test
    void aSignalEndsWhatHasNothingToSaveAtOnce() throws Exception {
        List<Duration> patience = new CopyOnWriteArrayList<>(List.of(Duration.ofHours(1), Duration.ZERO));
        for (Duration each : patience) {
            try (StopSignal stop = listening()) {
                stop.expect(each);
                if (each.isZero()) {
                    stop.begin();
                }
                send(EndingSignal.TERM);
                assertThat(next(deaths)).isEqualTo(EndingSignal.TERM);
            }
        }
    }

    @Test
    void workThatHangsIsEndedWhenItShowsNoSignOfLife() throws Exception {
        try (StopSignal stop = listening()) {
            stop.expect(Duration.ofSeconds(30));
            stop.begin();
            send(EndingSignal.HUP);
            assertThat(next(said)).startsWith("stopping");
            clock.addAndGet(Duration.ofSeconds(31).toNanos());
            assertThat(next(deaths)).isEqualTo(EndingSignal.HUP);
            assertThat(next(said)).contains("30 s");
        }
    }

    @Test
    void theFirstReasonToStopGivesTheExitCode() {
        try (StopSignal stop = listening()) {
            assertThat(stop.asked()).isFalse();
            assertThat(stop.exitCode()).isEqualTo(ExitCode.INTERRUPTED);
            stop.ask(ExitCode.UNREAD);
            stop.ask(ExitCode.RESOURCES);
            assertThat(stop.exitCode()).isEqualTo(ExitCode.UNREAD);
        }
    }

    @Test
    void exitCodesAreThoseOfShells() {
        assertThat(List.of(EndingSignal.values()))
                .extracting(EndingSignal::exitCode)
                .containsExactly(129, 130, 143);
    }
}
