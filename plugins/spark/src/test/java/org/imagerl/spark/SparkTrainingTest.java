package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.imagerl.spi.Progress;
import org.imagerl.spi.UserException;
import org.imagerl.training.loop.RunExecutors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A run that two executors of Spark compute is the run that threads compute, to the bit. */
@ExtendWith(LocalCluster.class)
class SparkTrainingTest {
    @TempDir
    private static Path scratch;

    /** Computed by threads. */
    private static SmallRun undisturbed;

    @BeforeAll
    static void trainWithThreads() {
        undisturbed = new SmallRun(scratch.resolve("threads"));
        assertThat(undisturbed.start(RunExecutors.THREADS).finished()).isTrue();
    }

    private static RunExecutors.Factory spark() {
        return LocalCluster.cluster().executors();
    }

    /** It loses what it has sampled, between two updates on that. */
    @Test
    void anExecutorThatIsKilledChangesNothing() {
        SmallRun run = new SmallRun(scratch.resolve("killed"));
        int before = LocalCluster.NOTICES.size();
        Killer killer = new Killer();
        assertThat(run.start(spark(), killer).finished()).isTrue();
        assertThat(killer.killed).isTrue();
        run.requireSame(undisturbed);
        LocalCluster.awaitNotice(before, "was lost");
    }

    private static final class Killer implements Progress {
        private boolean killed;

        @Override
        public void update(String stage, long done, long total, String detail) {
            if (!killed && stage.equals("update")) {
                killed = true;
                ProcessHandle executor = ProcessHandle.current()
                        .descendants()
                        .filter(process -> process.info().command().orElse("").endsWith("java"))
                        .max(Comparator.comparing(
                                process -> process.info().totalCpuDuration().orElseThrow()))
                        .orElseThrow();
                assertThat(executor.destroyForcibly()).isTrue();
            }
        }
    }

    @Test
    void aRunGoesOnWithSparkAndBack() {
        SmallRun there = new SmallRun(scratch.resolve("there"), "rewards=[counting]");
        SmallRun back = new SmallRun(scratch.resolve("back"), "rewards=[counting]");
        assertThat(there.start(RunExecutors.THREADS, new StopAfterOneEpoch()).finished())
                .isFalse();
        assertThat(there.resume(spark()).finished()).isTrue();
        assertThat(back.start(spark(), new StopAfterOneEpoch()).finished()).isFalse();
        assertThat(back.resume(RunExecutors.THREADS).finished()).isTrue();
        back.requireSame(there);
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
