package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.UserException;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.remote.ExecutorProcess;
import org.imagerl.training.testing.ExecutorContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose rollouts, scores and gradients are computed in another process is the run that threads compute, to the bit. */
class ExecutorProcessTest extends ExecutorContract {
    @TempDir
    private Path scratch;

    private static RunExecutors.Factory executor() {
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = ExecutorProcess.command(classes);
        command.addAll(1, List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        return ExecutorProcess.executors(command, List.of());
    }

    /** Ctrl-C in a terminal reaches the executor too, which must leave to the loop when it ends. */
    private static RunExecutors.Factory interrupted(RunExecutors.Factory factory) {
        return (run, folder) -> {
            RunExecutors made = factory.open(run, folder);
            List<String> command = new ArrayList<>(List.of("kill", "-INT"));
            ProcessHandle.current().children().forEach(child -> command.add(Long.toString(child.pid())));
            assertThat(command).hasSizeGreaterThan(2);
            try {
                assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return made;
        };
    }

    @Override
    protected RunExecutors.Factory executors() {
        return interrupted(executor());
    }

    /**
     * Several weight sets (the average that is evaluated, the behaviour policy that the likelihood of later updates asks for), the gradient of the penalty
     * apart, and four shards of a micro-batch each.
     */
    @Override
    protected Path train(String name, RunExecutors.Factory executors) {
        TinyRun run = new TinyRun(
                scratch.resolve(name),
                "run={save_every: 2, sample_every: 2, evaluate_every: 2}",
                "rollout.steps=4",
                "algorithm.likelihood={type: matching, draws: 1}",
                "algorithm.penalty=kl-prediction",
                "algorithm.penalty_gradient=odice",
                "shards=4",
                "optimiser.micro_batch=1",
                "optimiser.inner_epochs=2",
                "optimiser.ema_decay=0.9",
                "evaluation.samples_per_prompt=1",
                "samples.prompts=1");
        assertThat(run.start(executors).finished()).isTrue();
        return run.path();
    }

    @Test
    void anExecutorThatEndsIsReportedWithItsLastLines() {
        TinyRun run = new TinyRun(scratch);
        RunExecutors.Factory broken =
                ExecutorProcess.executors(List.of("sh", "-c", "echo no room left here >&2; exit 3"), List.of());
        assertThatThrownBy(() -> run.start(broken))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the executor process has ended")
                .hasMessageContaining("no room left here");
    }
}
