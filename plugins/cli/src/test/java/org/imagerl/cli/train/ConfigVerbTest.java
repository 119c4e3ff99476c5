package org.imagerl.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.cli.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigVerbTest {
    private static final String GOOD = """
        checkpoint: checkpoint
        prompts: prompts.txt
        algorithm: ddpo
        rewards: [{type: ocr, mode: line}]
        rollout:
          dynamics: {type: ddim, eta: 1.0}
          prompts_per_epoch: 4
          samples_per_prompt: 4
        """;

    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        Path prompts = folder.resolve("prompts.txt");
        if (!Files.exists(prompts)) {
            Files.writeString(prompts, "a sign \"A\"\n");
        }
        Path link = folder.resolve("checkpoint");
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, Path.of("../../samples/words").toAbsolutePath());
        }
        return Files.writeString(folder.resolve("run.yaml"), text);
    }

    @Test
    void showGivesEveryValueWithItsOrigin() throws IOException {
        Path file = file(GOOD);
        Run run = Run.of("config", "show", file.toString(), "--set", "rollout.steps=7");
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("steps: 7  # --set rollout.steps=7")
                .contains("prompts_per_epoch: 4  # " + file + ":7")
                .contains("guidance: 5.0  # preset ddpo")
                .contains("micro_batch: 4  # default")
                .contains("# preset ddpo");
    }

    @Test
    void checkSaysWhatAnEpochIs() throws IOException {
        Run run = Run.of("config", "check", file(GOOD).toString());
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains(": ok")
                .contains("100 epochs of 16 images (4 prompts x 4 samples)")
                .contains("4 updates of 4");
    }

    @Test
    void checkReadsThePromptsOfTrainingAndOfEvaluation() throws IOException {
        Files.writeString(folder.resolve("prompts.txt"), "a sign \"A\"\na sign \"B\" --w 512\n");
        Path held = Files.writeString(folder.resolve("held.jsonl"), "\n{\"prompt\": 3}\n");
        Run run = Run.of(
                "config",
                "check",
                file(GOOD + "evaluation: {prompts: held.jsonl}\n").toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains(folder.resolve("prompts.txt") + ":2: the option --w")
                .contains(held + ":2: prompt: must be a text")
                .doesNotContain("\tat ");
    }

    @Test
    void checkSaysAllProblemsWithTheirLines() throws IOException {
        String bad = GOOD.replace("prompts_per_epoch", "promts_per_epoch").replace("mode: line", "mode: lime");
        Path file = file(bad + "seeed: 3\n");
        Run run = Run.of("config", "check", file.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains(file + ":4: rewards[0].mode")
                .contains(file + ":7: rollout.promts_per_epoch: is not a key; did you mean prompts_per_epoch?")
                .contains(file + ":9: seeed: is not a key; did you mean seed?")
                .doesNotContain("\tat ");
    }

    /** A rule, a file of prompts and the checkpoint: each is looked at whatever is wrong with the others. */
    @Test
    void whatDoesNotDependOnEachOtherIsSaidAtOnce() throws IOException {
        Files.writeString(folder.resolve("prompts.txt"), "a sign \"A\" --w 512\n");
        String file =
                file(GOOD.replace("checkpoint: checkpoint", "checkpoint: none")).toString();
        Run values = Run.of("config", "check", file, "--set", "rollout.noise=laplacee");
        assertThat(values.err())
                .contains("there is no step noise named laplacee")
                .doesNotContain("512");
        Run others = Run.of("config", "check", file, "--set", "rollout.dynamics=ode");
        assertThat(others.code()).isEqualTo(2);
        assertThat(others.err())
                .contains(
                        "rollout.dynamics: adds no noise",
                        "prompts.txt:1: the option --w",
                        "none: there is no such file")
                .doesNotContain("\tat ");
    }

    @Test
    void aHintForNobodyIsSaid() throws IOException {
        String levels = "rollout.hints={success: 1, levels: [{guidance: 3}, {field: plan}]}";
        Run run = Run.of("config", "check", file(GOOD).toString(), "--set", levels);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("rollout.hints.levels[1].field: none of the prompts has a field \"plan\"");
    }

    /** What a run finds out when it begins, with its rewards and its checkpoint there. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        rollout.hints={success: 1, levels: [{guidance: 3}]} | rewards=[ocr, pixel-diversity] | the reward pixel-diversity scores all images
        algorithm.advantage=bnpo       | rewards=[jpeg-incompressibility] | bnpo
        rollout.dynamics=flow-sde      | seed=1 | the dynamics flow-sde step through the schedule of a flow
        rollout.width=63               | seed=1 | width and height must be multiples of
        rollout.prompts_per_epoch=2    | algorithm.advantage=group | there are only 1 prompts to train on
        tuning.targets=[nothing]       | seed=1 | no layer matches the LoRA target 'nothing'
        tuning.components=[transformer] | seed=1 | tuning.components: the checkpoint has no component 'transformer'
        augmentation={type: control, controls: [{name: size, classes: 2}]} | tuning={type: full, components: [unet]} | tuning.type: a control is trained with adapters
        rewards=[jpeg-estimate]        | rollout={width: 100, height: 100} | multiples of
        """)
    void checkSaysWhatATrainingWouldRefuseAtItsStart(String one, String other, String reason) throws IOException {
        Run run = Run.of("config", "check", small(), "--set", one, "--set", other);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).doesNotContain(": ok");
        assertThat(run.err()).contains(reason).doesNotContain("\tat ");
    }

    /** A window of noise that moves: what fits the first epoch need not fit the next. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {preset: flow-grpo, trained_steps: {type: fixed, steps: [0]}} | 0.7 | imagerl: algorithm.trained_steps: are [0], but in epoch 2 the rollouts have noise in the steps [1] alone
        {preset: draft, objective: {rewards: [{reward: {type: jpeg-estimate}}], divergence: 1, truncation: {type: last, steps: 4}}} | 0.7 | imagerl: algorithm.objective.truncation: keeps only steps that add no noise
        {preset: draft, objective: {rewards: [{reward: {type: jpeg-estimate}}], divergence: 1, truncation: {type: none}}} | 0 | rollout.dynamics: adds no noise
        """)
    void checkLooksAtTheStepsOfEveryEpoch(String algorithm, String noise, String reason) throws IOException {
        Run run = Run.of(
                "config",
                "check",
                small(),
                "--set",
                "checkpoint=" + Path.of("../../samples/words-flow").toAbsolutePath(),
                "--set",
                "epochs=4",
                "--set",
                "algorithm=" + algorithm,
                "--set",
                "rollout={width: 64, height: 32, steps: 6, prompts_per_epoch: 1, samples_per_prompt: 4, dynamics: {type:"
                        + " flow-sde, noise_level: " + noise
                        + ", window: {type: sliding, size: 1, stride: 1, every: 1}}}");
        assertThat(run.err()).contains(reason).doesNotContain("\tat ");
        assertThat(run.code()).isEqualTo(2);
    }

    private String small() throws IOException {
        return file(GOOD.replace("prompts_per_epoch: 4", "prompts_per_epoch: 1")
                        + "optimiser: {updates_per_epoch: 1}\n")
                .toString();
    }

    /** A machine on which a configuration is written need not be that on which it runs. */
    @Test
    void aRewardWhoseServerDoesNotAnswerIsSaidAndIsNoMistake() throws IOException {
        Run run = Run.of("config", "check", small(), "--set", "rewards=[{type: remote, url: 'http://127.0.0.1:1'}]");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains(": ok");
        assertThat(run.err()).contains("not checked further: reward server http://127.0.0.1:1: GET /health fails");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ~/models/words                   | the home folder for a shell only
        runwayml/stable-diffusion-v1-5   | hf download runwayml/stable-diffusion-v1-5
        C:\\models\\words                  | a path of Windows
        run.yaml                         | is a file
        none                             | there is no such file or folder
        """)
    void checkSaysWhatIsWrongWithThePathOfTheCheckpoint(String path, String reason) throws IOException {
        Run run = Run.of(
                "config",
                "check",
                file(GOOD.replace("checkpoint: checkpoint", "checkpoint: " + path))
                        .toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).doesNotContain(": ok");
        assertThat(run.err()).contains(reason).doesNotContain("\tat ");
    }

    @Test
    void noNoiseWithAPolicyGradientIsRefused() throws IOException {
        Run run = Run.of("config", "check", file(GOOD).toString(), "--set", "rollout.dynamics.eta=0.0");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--set rollout.dynamics.eta=0.0").contains("dynamics");
    }

    @Test
    void trainRefusesABadConfigurationBeforeAnythingElse() throws IOException {
        Run run = Run.of("train", file(GOOD + "epoch: 3\n").toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("epoch: is not a key; did you mean epochs?");
    }

    @Test
    void aMissingFileIsAnInputError() {
        Run run = Run.of("config", "show", folder.resolve("none.yaml").toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("none.yaml").contains("no such file");
    }

    @Test
    void defaultsAndSchemaArePrinted() {
        assertThat(Run.of("config", "defaults").out()).contains("rollout:").contains("guidance: 5.0");
        Run schema = Run.of("config", "schema");
        assertThat(schema.code()).isZero();
        assertThat(schema.out()).contains("json-schema.org").contains("\"ddim\"");
    }

    @Test
    void checkLooksAtThePretrainingOfACheckpointAndSaysWhoRunsIt() throws IOException {
        Path file = Path.of("../../samples/words/pretrain.yaml");
        Run run = Run.of("config", "check", file.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains(file + ": ok").contains("imagerl pretrain " + file);
        Path wrong = Files.writeString(
                folder.resolve("pretrain.yaml"), Files.readString(file).replace("seed:", "sead:"));
        Run refused = Run.of("config", "check", wrong.toString());
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains(wrong + ":").contains("did you mean seed?");
    }
}
