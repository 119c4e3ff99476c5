package org.imagerl.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private static final long SECOND = 1_000_000_000L;
    private final StringWriter err = new StringWriter();
    private final AtomicLong clock = new AtomicLong();

    private ProgressLine line() {
        return new ProgressLine(new PrintWriter(err), () -> false, () -> {}, clock::get);
    }

    @AfterEach
    void forgetTheTerminal() {
        System.clearProperty("imagerl.columns");
    }

    @Test
    void elsewhereEveryUpdateWithADetailIsALineWithPaceAndRemainingTime() {
        try (ProgressLine line = line()) {
            line.update("epoch", 1, 10, "reward 0.412");
            clock.addAndGet(2 * SECOND);
            line.update("epoch", 2, 10, "reward 0.500");
        }
        assertThat(err.toString().lines().toList()).hasSize(2);
        assertThat(err.toString()).contains("epoch 1/10 | reward 0.412");
        assertThat(err.toString()).contains("epoch 2/10 | reward 0.500 | 2.00 s/epoch | ETA 16 s");
    }

    @Test
    void elsewhereStepsOfStepsAreALineInTenSeconds() {
        try (ProgressLine line = line()) {
            for (int i = 1; i <= 30; i++) {
                line.update("rollout", i, 30, "");
                clock.addAndGet(SECOND);
            }
        }
        assertThat(err.toString().lines().toList()).hasSize(2);
        assertThat(err.toString()).contains("rollout 11/30 | ETA 19 s").contains("rollout 21/30");
    }

    @Test
    void theStagesOfAnEpochKeepTheirOwnPace() {
        try (ProgressLine line = line()) {
            for (int epoch = 1; epoch <= 3; epoch++) {
                line.update("update", 1, 2, "");
                line.update("update", 2, 2, "");
                clock.addAndGet(5 * SECOND);
                line.update("epoch", epoch, 3, "reward");
            }
        }
        assertThat(err.toString()).contains("epoch 3/3 | reward | 5.00 s/epoch | ETA 0 s");
    }

    @Test
    void onATerminalOneLineIsRedrawnAndWhatDoesNotFitIsLeftOutWhole() {
        System.setProperty("imagerl.columns", "30");
        try (ProgressLine line = line()) {
            line.update("epoch", 1, 10, "reward 0.412 | std 0.112345");
            line.update("epoch", 2, 10, "reward 0.413 | std 0.112345");
        }
        assertThat(err.toString())
                .contains("\repoch 1/10 | reward 0.412\033[K")
                .endsWith("\033[K" + System.lineSeparator());
        assertThat(err.toString()).doesNotContain("std 0.11");
    }

    @Test
    void eightyColumnsHoldStageRewardHeldOutAndRemainingTime() {
        System.setProperty("imagerl.columns", "80");
        String detail = "reward 0.412 | held-out 0.398 | std 0.110 | clip 13.0% | grad 0.123 | ratio-1 1.0e-07";
        try (ProgressLine line = line()) {
            line.update("epoch", 118, 2000, detail);
            clock.addAndGet(100 * SECOND);
            line.update("epoch", 119, 2000, detail);
            clock.addAndGet(SECOND);
            line.update("rollout 120/2000", 128, 256, "");
        }
        for (String drawn : err.toString().split("\r")) {
            assertThat(drawn.replace("\033[K", "").strip().length()).isLessThan(80);
        }
        assertThat(err.toString())
                .contains("\repoch 119/2000 | reward 0.412 | held-out 0.398 ")
                .contains("\rrollout 120/2000 128/256  <  epoch 119/2000 | reward 0.412 | held-out 0.398")
                .contains("ETA 52 h 15 m");
    }

    @Test
    void onATerminalStepsOfAStepShowTheLastResultToo() {
        System.setProperty("imagerl.columns", "200");
        try (ProgressLine line = line()) {
            line.update("epoch", 1, 10, "reward 0.412");
            clock.addAndGet(SECOND);
            line.update("rollout 2/10", 8, 16, "");
        }
        assertThat(err.toString()).containsPattern("\\rrollout 2/10 8/16 .*<  epoch 1/10 \\| reward 0.412");
    }

    @Test
    void durationsAreInTheUnitThatFits() {
        assertThat(ProgressLine.duration(42.4)).isEqualTo("42 s");
        assertThat(ProgressLine.duration(3_360)).isEqualTo("56 m");
        assertThat(ProgressLine.duration(11_220)).isEqualTo("3 h 07 m");
    }
}
