package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.Progress;
import org.imagerl.spi.UserException;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.testing.ExecutorContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A run that two executors of Spark compute is the run that threads compute, to the bit. */
@ExtendWith(LocalCluster.class)
class SparkTrainingTest extends ExecutorContract {
    @TempDir
    private static Path scratch;

    /**
     * A run in which processes end.
     *
     * @param scored the process that makes this file ends as it scores the first batch of an epoch
     * @param trained the process that makes this file ends as it computes the first gradient
     */
    private static SmallRun ending(String name, Path scored, Path trained) {
        return new SmallRun(
                scratch.resolve(name),
                "rewards=[{type: ending, images: 5, flag: " + scored + "}]",
                "algorithm={preset: ddpo, step_weight: {type: ending, flag: " + trained + "}}");
    }

    private static RunExecutors.Factory spark() {
        return LocalCluster.cluster().executors();
    }

    @Override
    protected RunExecutors.Factory executors() {
        return spark();
    }

    @Override
    protected boolean refusesQuickly() {
        return false;
    }

    /** On Spark one executor dies while it scores what it has sampled, and one in an update, with all that it has sampled for the next one. */
    @Override
    protected Path train(String name, RunExecutors.Factory executors) {
        boolean dying = !name.equals("threads"); // flags that are there already end nothing
        Path scored = dying ? scratch.resolve("scored") : scratch;
        Path trained = dying ? scratch.resolve("trained") : scratch;
        SmallRun run = ending(name, scored, trained);
        int before = LocalCluster.NOTICES.size();
        assertThat(run.start(executors).finished()).isTrue();
        if (dying) {
            assertThat(scored).exists();
            assertThat(trained).exists();
            LocalCluster.awaitNotice(before, "was lost");
        }
        return run.path();
    }

    /** Once after a stop, and once after the process of the loop has failed in the middle of an epoch. */
    @Test
    void aRunGoesOnWithSparkAndBack() {
        SmallRun there = new SmallRun(scratch.resolve("there"), "rewards=[counting]");
        SmallRun back = new SmallRun(scratch.resolve("back"), "rewards=[counting]");
        assertThat(there.start(RunExecutors.THREADS, new StopAfterOneEpoch()).finished())
                .isFalse();
        assertThat(there.resume(spark()).finished()).isTrue();
        assertThatThrownBy(() -> back.start(spark(), new FailureInTheSecondEpoch()))
                .hasMessage("a failure between two updates");
        assertThat(back.resume(RunExecutors.THREADS).finished()).isTrue();
        requireSame(back.path(), there.path());
    }

    private static final class StopAfterOneEpoch implements Progress {
        private boolean stopped;

        @Override
        public void update(String stage, long done, long total, String detail) {
            stopped |= stage.equals("epoch");
        }

        @Override
        public boolean stopped() {
            return stopped;
        }
    }

    private static final class FailureInTheSecondEpoch implements Progress {
        private boolean second;

        @Override
        public void update(String stage, long done, long total, String detail) {
            second |= stage.equals("epoch");
            if (second && stage.equals("update")) {
                throw new AssertionError("a failure between two updates");
            }
        }
    }

    @Test
    void aHostOnWhichARewardFailsIsNamedAndTheOthersGoOn() {
        SmallRun run = new SmallRun(
                scratch.resolve("broken"),
                "rewards=[{type: broken, flag: " + scratch.resolve("flag") + "}]",
                "epochs=1");
        int before = LocalCluster.NOTICES.size();
        assertThat(run.start(spark()).finished()).isTrue();
        assertThat(LocalCluster.NOTICES.subList(before, LocalCluster.NOTICES.size()))
                .anyMatch(line ->
                        line.matches("warning: executor \\d+ on .+: .*the scorer of this host has no licence.*again"));
    }

    @Test
    void executorsThatDoNotFindTheCheckpointSaySo() throws IOException {
        Path checkpoint = scratch.resolve("moved");
        copy(SmallRun.checkpoint(), checkpoint);
        SmallRun run = new SmallRun(scratch.resolve("without"), "checkpoint=" + checkpoint);
        RunExecutors.Factory late = (open, folder) -> {
            RunExecutors executors = spark().open(open, folder);
            assertThat(checkpoint.toFile().renameTo(scratch.resolve("elsewhere").toFile()))
                    .isTrue();
            return executors;
        };
        assertThatThrownBy(() -> run.start(late))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("executor ")
                .hasMessageContaining(checkpoint.toString());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
