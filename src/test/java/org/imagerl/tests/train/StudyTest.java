package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.spi.Progress;
import org.imagerl.spi.UserException;
import org.imagerl.training.study.FailedCommand;
import org.imagerl.training.study.Study;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study of two arms, two seeds and two learning rates: six runs. */
class StudyTest {
    private static final String STUDY = """
        question: Does the clip matter?
        seeds: [1, 2]
        set: ["epochs=1", "rollout.guidance=1", "evaluation.samples_per_prompt=1", "samples={prompts: 1, seeds: [0]}", "run.diagnose_every=1", "optimiser.updates_per_epoch=2"]
        tune: {key: optimiser.learning_rate, values: [1.0e-3, 4.0e-3], by: evaluation_reward_mean}
        arms:
          - {name: clipped, config: tiny.yaml}
          - {name: free, config: tiny.yaml, set: ["algorithm.trust_region=none"]}
        curves:
          - {title: held-out reward, x: denoiser_evaluations, y: evaluation_reward_mean}
        tables:
          - {type: last, metrics: [evaluation_reward_mean]}
          - {type: reach, metric: evaluation_reward_mean, reference: clipped, arms: [free], costs: [denoiser_evaluations]}
          - {type: at-equal, proxy: evaluation_reward_mean, levels: [-100.0], metrics: [evaluation_reward_std]}
          - {type: steps}
        """;

    @TempDir
    Path scratch;

    private final List<String> notices = new ArrayList<>();

    private Path file(String text) throws IOException {
        new TinyRun(scratch);
        return Files.writeString(scratch.resolve("study.yaml"), text);
    }

    private final List<List<String>> commands = new ArrayList<>();
    private int exitCode;

    private int command(List<String> words) {
        commands.add(words);
        return exitCode;
    }

    private Optional<Path> run(Path file, String runs, Progress progress) {
        Study.Settings settings = new Study.Settings(
                scratch.resolve("out"), scratch.resolve(runs), "imagerl study study.yaml", this::command);
        return Study.run(file, settings, TinyRun.REGISTRY, progress, notices::add);
    }

    private Progress stopAfterACommand() {
        commands.clear();
        return new Progress() {
            @Override
            public void update(String stage, long done, long total, String detail) {}

            @Override
            public boolean stopped() {
                return !commands.isEmpty();
            }
        };
    }

    private long begun() {
        return notices.stream().filter(line -> line.startsWith("run ")).count();
    }

    @Test
    void aStoppedStudyGoesOnRunByRunAndAFinishedOneRunsNothing() throws IOException {
        Path file = file(STUDY);
        assertThat(run(file, "runs", TinyRun.stopAfter(1))).isEmpty();
        assertThat(begun()).isEqualTo(1);
        Path report = run(file, "runs", (stage, done, total, detail) -> {}).orElseThrow();
        assertThat(begun()).as("one before the stop, five after it").isEqualTo(6);
        try (Stream<Path> raw = Files.list(scratch.resolve("out/raw"))) {
            assertThat(raw.map(path -> path.getFileName().toString()))
                    .hasSize(17)
                    .contains("clipped-0.001-seed1.jsonl", "free-0.004-seed1.yaml", "free-0.004-seed1.png");
        }
        assertThat(Files.readString(scratch.resolve("out/raw/free-0.004-seed1.yaml")))
                .as("nothing of this machine")
                .doesNotContain("base_folder");
        String text = Files.readString(report);
        assertThat(text)
                .startsWith("# Does the clip matter?\n\n    imagerl study study.yaml\n")
                .contains("![curves](curves.png)", "seeds [1, 2] with their standard errors.", "| clipped | 2 | ")
                .contains("| -100 | free | 2 of 2 |", "chose `optimiser.learning_rate`", "| free | 0 | ");
        assertThat(text)
                .as("the images of the chosen setting with the first seed")
                .contains("\n## Images\n", "\n### before training\n\n![before training](raw/before-training.png)\n")
                .containsPattern("\n### clipped\n\n!\\[clipped]\\(raw/clipped-0\\.00[14]-seed1\\.png\\)\n\n### free\n");
        String taken = text.contains("(raw/free-0.001-seed1.png)") ? "free-0.001-seed1" : "free-0.004-seed1";
        assertThat(scratch.resolve("out/raw/" + taken + ".png"))
                .hasSameBinaryContentAs(scratch.resolve("runs/" + taken + "/samples/step-000000001/grid.png"));
        assertThat(scratch.resolve("out/raw/before-training.png"))
                .hasSameBinaryContentAs(scratch.resolve("runs/" + taken + "/samples/step-000000000/grid.png"));
        assertThat(scratch.resolve("out/curves.png")).isNotEmptyFile();
        assertThat(run(file, "elsewhere", (stage, done, total, detail) -> {})).isPresent();
        assertThat(begun())
                .as("what lies finished is not run again, wherever runs go")
                .isEqualTo(6);
        assertThat(Files.readString(report)).isEqualTo(text);
        try (Stream<Path> raw = Files.list(scratch.resolve("out/raw"))) {
            for (Path image :
                    raw.filter(path -> path.toString().endsWith(".png")).toList()) {
                Files.delete(image);
            }
        }
        run(file, "elsewhere", (stage, done, total, detail) -> {});
        assertThat(Files.readString(report)).isEqualTo(text.substring(0, text.indexOf("\n## Images")));
        Path changed = file(STUDY.replace("epochs=1", "epochs=2"));
        assertThatThrownBy(() -> run(changed, "elsewhere", (stage, done, total, detail) -> {}))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("clipped-0.001-seed1.yaml")
                .hasMessageContaining("other settings")
                .hasMessageContaining("delete");
    }

    /** Chosen on one set of images, reported on another: the runs that choose are none of the arm's. */
    @Test
    void aSettingMayBeChosenByRunsOfTheirOwn() throws IOException {
        String apart = STUDY.replace(
                        "by: evaluation_reward_mean}",
                        "by: evaluation_reward_mean, set: [evaluation.samples_per_prompt=2]}")
                .replace("seeds: [1, 2]", "seeds: [1]")
                .replaceFirst("(?m)^  - \\{name: free.*\\R", "")
                .replaceFirst("(?m)^  - \\{type: reach.*\\R", "");
        Path report =
                run(file(apart), "runs", (stage, done, total, detail) -> {}).orElseThrow();
        assertThat(begun()).as("two that choose, and the chosen one").isEqualTo(3);
        assertThat(Files.readString(scratch.resolve("out/raw/trial-clipped-0.004-seed1.yaml")))
                .contains("samples_per_prompt: 2");
        assertThat(Files.readString(report))
                .contains("| clipped | 1 | ", "with seed 1, with `evaluation.samples_per_prompt=2`:");
        assertThat(begun()).isEqualTo(3);
    }

    @Test
    void whatIsPreparedIsPreparedOnceBeforeTheFirstRunAndNotForFinishedOnes() throws IOException {
        String one = STUDY.lines().filter(line -> !line.startsWith("tune:")).collect(Collectors.joining("\n"));
        Path file = file(one.replace("seeds: [1, 2]", "seeds: [1]\nprepare: [\"sample --prompt 'a  b'\", version]"));
        exitCode = 3;
        assertThatThrownBy(() -> run(file, "runs", (stage, done, total, detail) -> {}))
                .isInstanceOf(FailedCommand.class)
                .hasMessageContaining("sample --prompt 'a  b'")
                .hasMessageContaining("exit code 3")
                .satisfies(e -> assertThat(((FailedCommand) e).exitCode()).isEqualTo(3));
        assertThat(begun()).isZero();
        exitCode = 130;
        assertThat(run(file, "runs", stopAfterACommand()))
                .as("a stop is no failure")
                .isEmpty();
        assertThat(begun()).isZero();
        exitCode = 0;
        commands.clear();
        assertThat(run(file, "runs", (stage, done, total, detail) -> {})).isPresent();
        assertThat(begun()).isEqualTo(2);
        assertThat(commands).containsExactly(List.of("sample", "--prompt", "a  b"), List.of("version"));
        assertThat(run(file, "elsewhere", (stage, done, total, detail) -> {})).isPresent();
        assertThat(commands).hasSize(2);
    }

    @Test
    void mistakesShowBeforeAnythingRuns() throws IOException {
        refused("arms: [free]", "arms: [fre]", "there is no arm fre", "[clipped, free]");
        refused("config: tiny.yaml}", "config: tiny.yaml, sett: []}", "arms[0].sett", "set");
        refused(
                "type: steps",
                "type: stpes",
                "must be one of at-equal, cost, last, paired, reach, settled, steps",
                "did you mean steps?");
        refused(
                "metrics: [evaluation_reward_mean]",
                "metrics: [evaluation_rewards_mean]",
                "tables[0], metric 1: no run of this study has this metric; did you mean evaluation_reward_mean?");
        refused("x: denoiser_evaluations", "x: watts", "curves[0].x: no run of this study has this metric", "(watts)");
        refused("seeds: [1, 2]", "seeds: [1, 1]", "seeds: must be at least one");
        refused("trust_region=none", "trust_region=nonne", "nonne");
        refused("name: free", "name: ../free", "letters, digits");
        String late = "\"rollout.hints={success: 1, levels: [{guidance: 4}]}\", \"rewards=[alone, together]\"";
        refused("\"algorithm.trust_region=none\"", late, "rollout.hints: make single images, and the reward together");
        refused(
                "\"algorithm.trust_region=none\"",
                "\"rollout.dynamics=flow-sde\"",
                "the dynamics flow-sde step through");
        refused("seeds: [1, 2]", "seeds: [1, 2]\nprepare: [\"sample --prompt 'the cat\"]", "every quote closed");
    }

    private void refused(String right, String wrong, String... said) throws IOException {
        Path file = file(STUDY.replace(right, wrong));
        assertThatThrownBy(() -> run(file, "runs", (stage, done, total, detail) -> {}))
                .isInstanceOf(UserException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(said));
        assertThat(scratch.resolve("runs")).doesNotExist();
        assertThat(begun()).isZero();
    }
}
