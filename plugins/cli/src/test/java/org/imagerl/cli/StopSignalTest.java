package org.imagerl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class StopSignalTest {

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aSignalAsksToStopInsteadOfEndingTheProcess() throws Exception {
        CountDownLatch said = new CountDownLatch(1);
        try (StopSignal stop = new StopSignal(line -> said.countDown())) {
            assertThat(stop.asked()).isFalse();
            String self = Long.toString(ProcessHandle.current().pid());
            assertThat(new ProcessBuilder("kill", "-TERM", self).start().waitFor())
                    .isZero();
            assertThat(said.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(stop.asked()).isTrue();
        }
    }

    @Test
    void withoutASignalNothingIsAsked() {
        try (StopSignal stop = new StopSignal(line -> {})) {
            assertThat(stop.asked()).isFalse();
        }
    }
}
