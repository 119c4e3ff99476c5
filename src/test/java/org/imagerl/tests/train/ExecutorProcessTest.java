package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.tests.Close;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.remote.ExecutorProcess;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose rollouts, scores and gradients are computed in another process is the run that threads compute, to the bit. */
class ExecutorProcessTest {
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

    /** Takes down the states of every trajectory. */
    private record Watched(RolloutExecutor executor, List<float[]> states) implements RolloutExecutor {
        static RunExecutors.Factory of(RunExecutors.Factory factory, List<float[]> states) {
            return (run, folder) -> {
                RunExecutors made = factory.open(run, folder);
                return new RunExecutors(new Watched(made.rollouts(), states), made.gradients());
            };
        }

        @Override
        public Rollout run(List<RolloutUnit> units, Watch watch) {
            Rollout rollout = executor.run(units, watch);
            Trajectories trajectories = rollout.trajectories();
            assertThat(trajectories.prompts())
                    .isEqualTo(units.stream()
                            .flatMap(unit -> unit.prompts().stream())
                            .toList());
            for (NDArray state : trajectories.states()) {
                states.add(state == null ? new float[0] : Close.floats(state));
            }
            return rollout;
        }

        @Override
        public void close() {
            executor.close();
        }
    }

    /**
     * Several weight sets (the average that is evaluated, the behaviour policy that the likelihood of later updates asks for), the gradient of the penalty
     * apart, and four shards of a micro-batch each.
     */
    @Test
    void anotherProcessTrainsTheSameToTheBit() {
        String[] overrides = {
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
            "samples.prompts=1"
        };
        TinyRun threads = new TinyRun(scratch.resolve("threads"), overrides);
        TinyRun process = new TinyRun(scratch.resolve("process"), overrides);
        List<float[]> here = new ArrayList<>();
        List<float[]> there = new ArrayList<>();
        assertThat(threads.start(Watched.of(RunExecutors.THREADS, here)).finished())
                .isTrue();
        assertThat(process.start(Watched.of(interrupted(executor()), there)).finished())
                .isTrue();

        assertThat(there).hasSameSizeAs(here);
        for (int i = 0; i < here.size(); i++) {
            assertThat(there.get(i)).as("state %d", i).containsExactly(here.get(i));
        }
        process.requireSameFile(threads, "pytorch_lora_weights.safetensors");
        process.requireSameFile(threads, "checkpoints/step-000000002/trainer.safetensors");
        process.requireSameFile(threads, "checkpoints/step-000000002/state.json");
        assertThat(process.rows()).isEqualTo(threads.rows());
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
