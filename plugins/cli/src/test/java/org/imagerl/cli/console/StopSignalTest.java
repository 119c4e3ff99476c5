package org.imagerl.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /** Whoever starts tests in the background, with {@code nohup} for instance, has some signals ignored, and the JVM leaves it at that. */
    private static void assumeNotIgnored(EndingSignal signal) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            String mask = Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("0");
            boolean ignored = new BigInteger(mask, 16).testBit(signal.exitCode() - 128 - 1);
            assumeFalse(ignored, "the program that started the tests has SIG" + signal + " ignored");
        }
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        return queue.poll(30, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void aSignalAsksWorkThatHasBegunToStop(EndingSignal signal) throws Exception {
        assumeNotIgnored(signal);
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
        assumeNotIgnored(EndingSignal.HUP);
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
