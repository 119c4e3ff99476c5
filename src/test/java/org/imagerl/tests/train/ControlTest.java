package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PngText;
import org.imagerl.samples.ControlExample;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.CloseImages;
import org.imagerl.tests.Paths;
import org.imagerl.tests.Said;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.training.loop.Training;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CTRL by its commands: labelled images, classifier, training, images of a class. */
class ControlTest {
    @TempDir
    private static Path shared;

    @BeforeAll
    static void trainAClassifier() throws IOException {
        Said said = SmoothControl.trainAClassifier(shared);
        assertThat(said.out()).contains("smooth: class 0 16, class 1 16").contains("macro-F1");
    }

    private static TinyRun tiny(Path folder, String algorithm, String... more) throws IOException {
        return SmoothControl.run(shared, folder, algorithm, more);
    }

    @Test
    void aControlIsTrainedResumedAndSampled(@TempDir Path folder) throws IOException {
        String ctrl = "{preset: ctrl, objective: {classifiers: [classifier]}}";
        TinyRun whole = tiny(folder.resolve("whole"), ctrl);
        Training.Result result = whole.start();
        assertThat(result.export()).isEqualTo(whole.path().resolve("control.safetensors"));
        Map<String, Double> last = whole.rows().get(2L);
        assertThat(last)
                .containsKeys(
                        "log_likelihood",
                        "path_kl",
                        "objective",
                        "evaluation_control-match_mean",
                        "evaluation_control-match_macro_f1")
                .containsEntry("evaluation_images", 4.0); // two prompts in two classes
        assertThat(last.get("path_kl")).isPositive();

        TinyRun parts = tiny(folder.resolve("parts"), ctrl);
        parts.start(TinyRun.stopAfter(1));
        parts.resume((stage, done, total, detail) -> {});
        parts.requireSameFile(whole, "control.safetensors");
        parts.requireSameFile(whole, "pytorch_lora_weights.safetensors");
        assertThat(parts.notices).noneMatch(line -> line.contains("another file"));
        Files.writeString(folder.resolve("parts/classifier/classifier.json"), "\n", StandardOpenOption.APPEND);
        parts.resume((stage, done, total, detail) -> {});
        assertThat(parts.notices).anyMatch(line -> line.contains("classifier/classifier.json is another file than"));

        Said exported = Said.by("export", whole.path(), "--out", folder.resolve("lora.safetensors"));
        assertThat(exported.code()).as(exported.err()).isZero();
        assertThat(exported.err()).contains("was trained with controls", "--control-adapter");

        Path images = folder.resolve("sampled");
        Said said = sample(whole, images, "--control", "smooth=1", "--control-guidance", "4");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(Files.readString(images.resolve("prompts.jsonl"))).contains("\"smooth\":\"1\"");
        assertThat(PngText.read(images.resolve("p000-s0.png")))
                .containsEntry("fields", "{\"smooth\":\"1\"}")
                .hasEntrySatisfying("augmentation", text -> assertThat(text).contains("type: control", "guidance: 2"));
        Path joint = folder.resolve("joint");
        assertThat(sample(whole, joint, "--control", "smooth=1", "--eta", "1").code())
                .isZero();
        String own = folder.resolve("own.png").toString();
        String best = Files.readString(whole.path().resolve("best")).split(" ")[0];
        ControlExample.main(new String[] {
            Paths.tinyCheckpoint().toString(),
            whole.path().resolve("checkpoints").resolve(best).toString(),
            "smooth",
            "1",
            own
        });
        CloseImages.requireWithinOneByte(
                "in Java as by the command",
                ImageDecoder.decode(Path.of(own)),
                ImageDecoder.decode(joint.resolve("p000-s0.png")));
        assertThat(sample(whole, images, "--control", "smooth=1", "--control-guidance", "4")
                        .code())
                .as("all is there")
                .isZero();
        assertThat(sample(whole, images, "--control", "smooth=0", "--control-guidance", "4")
                        .err())
                .contains("another fields");
        assertThat(sample(whole, images, "--control", "smooth=1").err()).contains("another augmentation");
        assertThat(sample(whole, folder.resolve("x"), "--control", "smooth=2").err())
                .contains("0 to 1");
        assertThat(sample(whole, folder.resolve("x"), "--control", "smoth=1").err())
                .contains("no control named smoth")
                .contains("smooth");
        assertThat(sample(whole, folder.resolve("x"), "--control", "control.smooth.weight=1")
                        .err())
                .contains("no control named control.smooth.weight");
        assertThat(sample(whole, folder.resolve("x"), "--control", "smooth=0", "--control", "smooth=1")
                        .err())
                .contains("gives smooth twice, 0 and 1");
        assertThat(sample(whole, folder.resolve("x"), "--control", "smooth").err())
                .contains("NAME=CLASS, not smooth");
        assertThat(sample(whole, folder.resolve("x"), "--control", "smooth=1", "--control-strength", "2")
                        .err())
                .contains("trained with one");
        assertThat(folder.resolve("x")).doesNotExist();
    }

    /** The path is differentiated with the masked image of the rollout: before the first update live weights and reference agree. */
    @Test
    void aControlIsTrainedOnACheckpointThatPaintsIntoImages(@TempDir Path folder) throws IOException {
        Path golden = Paths.golden().resolve("calls");
        TinyRun run = tiny(
                folder.resolve("painting"),
                "{preset: ctrl, objective: {classifiers: [classifier]}}",
                "checkpoint=" + golden.resolve("sd-inpaint-tiny"),
                "prompts=train.jsonl",
                "evaluation=null",
                "samples.prompts=1",
                "epochs=1");
        Files.copy(golden.resolve("sd-painting/image.png"), folder.resolve("painting/one.png"));
        Files.copy(golden.resolve("sd-painting/mask.png"), folder.resolve("painting/mask.png"));
        Files.writeString(
                folder.resolve("painting/train.jsonl"),
                "{\"prompt\": \"the cat\", \"image\": \"one.png\", \"mask\": \"mask.png\"}\n");
        assertThat(run.start().finished()).isTrue();
        assertThat(run.rows().get(1L).get("path_kl")).isCloseTo(0, within(1e-6));
        assertThat(run.rows().get(1L).get("grad_norm")).isPositive();
    }

    private static Said sample(TinyRun run, Path out, String... more) {
        List<Object> words = new ArrayList<>(List.of(
                "sample",
                "--checkpoint",
                Paths.tinyCheckpoint(),
                "--control-adapter",
                run.path(),
                "--prompt",
                "the cat"));
        words.addAll(List.of("--steps", 2, "--guidance", 2, "--out", out));
        words.addAll(List.of(more));
        return Said.by(words.toArray());
    }

    @Test
    void strengthIsADialWhereSeveralWereTrained(@TempDir Path folder) throws IOException {
        String augmentation = "augmentation={type: control, controls: [{name: smooth, classes: 2}], gammas: [0.5, 2]}";
        String ctrl = "{preset: ctrl, objective: {classifiers: [classifier], truncation: {type: last, steps: 1}}}";
        TinyRun run = tiny(folder.resolve("run"), ctrl, augmentation, "epochs=1");
        run.start();
        assertThat(run.rows().get(1L)).containsEntry("evaluation_images", 8.0); // in two classes, two strengths
        Said weak = sample(run, folder.resolve("weak"), "--control", "smooth=1", "--control-strength", "0.5");
        Said strong = sample(run, folder.resolve("strong"), "--control", "smooth=1", "--control-strength", "2");
        assertThat(weak.code()).as(weak.err()).isZero();
        assertThat(strong.code()).as(strong.err()).isZero();
        assertThat(Files.mismatch(folder.resolve("weak/p000-s0.png"), folder.resolve("strong/p000-s0.png")))
                .isNotEqualTo(-1);
        assertThat(sample(run, folder.resolve("x"), "--control", "smooth=1", "--control-strength", "8")
                        .err())
                .contains("within the range that is trained, 0.5 to 2.0, not 8.0");
        assertThat(sample(run, folder.resolve("x"), "--control", "smooth=1", "--control-strength", "0")
                        .err())
                .contains("above 0");
    }

    @Test
    void strengthsOfARangeAreDrawnAndAResumedRunDrawsTheSame(@TempDir Path folder) throws IOException {
        String augmentation =
                "augmentation={type: control, controls: [{name: smooth, classes: 2}], gamma_range: [0.5, 4]}";
        String ctrl = "{preset: ctrl, objective: {classifiers: [classifier], truncation: {type: last, steps: 1}}}";
        String watched = "rewards=[{type: jpeg-compressibility}]";
        TinyRun whole = tiny(folder.resolve("whole"), ctrl, augmentation, watched);
        whole.start();
        assertThat(whole.rows().get(1L)).containsEntry("evaluation_images", 4.0); // at strength 1 alone
        assertThat(Files.readString(whole.path().resolve("provenance.json")))
                .as("what the objective depends on")
                .contains("classifier/classifier.json", "classifier/classifier.safetensors");
        TinyRun parts = tiny(folder.resolve("parts"), ctrl, augmentation, watched);
        parts.start(TinyRun.stopAfter(1));
        parts.resume((stage, done, total, detail) -> {});
        parts.requireSameFile(whole, "control.safetensors");
        TinyRun narrow = tiny(folder.resolve("narrow"), ctrl, augmentation.replace("[0.5, 4]", "[3.9, 4]"));
        narrow.start();
        try (SafetensorsFile wide = SafetensorsFile.open(whole.path().resolve("control.safetensors"));
                SafetensorsFile other = SafetensorsFile.open(narrow.path().resolve("control.safetensors"))) {
            assertThat(wide.metadata()).containsEntry("strength_range", "0.5,4.0");
            assertThat(other.floats("control.smooth.strength")).isNotEqualTo(wide.floats("control.smooth.strength"));
        }
        assertThat(sample(whole, folder.resolve("in"), "--control", "smooth=1", "--control-strength", "1.7")
                        .code())
                .isZero();
        assertThat(sample(whole, folder.resolve("x"), "--control", "smooth=1", "--control-strength", "5")
                        .err())
                .contains("within the range that is trained, 0.5 to 4.0, not 5.0");
        assertThatThrownBy(() -> tiny(
                                folder.resolve("both"),
                                ctrl,
                                augmentation.replace("gamma_range", "gammas: [1, 2], gamma_range"))
                        .start())
                .hasMessageContaining("exclude each other");
    }

    @Test
    void aClassifierGuidesWithoutTraining(@TempDir Path folder) throws IOException {
        String guidance =
                "{type: classifier-guidance, classifiers: ['" + shared.resolve("classifier") + "'], scale: 50}";
        for (String klass : List.of("0", "1")) {
            Said said = Said.by(
                    "sample",
                    "--checkpoint",
                    Paths.tinyCheckpoint(),
                    "--augmentation",
                    guidance,
                    "--control",
                    "smooth=" + klass,
                    "--prompt",
                    "the cat",
                    "--steps",
                    2,
                    "--guidance",
                    1,
                    "--out",
                    folder.resolve(klass));
            assertThat(said.code()).as(said.err()).isZero();
        }
        assertThat(Files.mismatch(folder.resolve("0/p000-s0.png"), folder.resolve("1/p000-s0.png")))
                .isNotEqualTo(-1);
        TinyRun evaluated = tiny(
                folder.resolve("run"),
                "{preset: ctrl, objective: {type: untrained}}",
                "augmentation={type: classifier-guidance, classifiers: [classifier], scale: 50}",
                "epochs=1");
        evaluated.start();
        Map<String, Double> only = evaluated.rows().get(1L);
        assertThat(only.get("path_kl")).as("to the checkpoint, unguided").isPositive();
        assertThat(only).as("no update, not even one without gradients").doesNotContainKey("grad_norm");
    }

    @Test
    void theScoreFunctionFormStartsOnPolicyAndWithoutDivergence(@TempDir Path folder) throws IOException {
        TinyRun run = tiny(folder, "ctrl-pg", "rollout.samples_per_prompt=2", "epochs=1");
        run.start();
        Map<String, Double> first = run.rows().get(1L);
        assertThat(first).containsEntry("penalty", 0.0);
        assertThat(first.get("on_policy_deviation_max")).isLessThan(1e-5);
        assertThat(run.path().resolve("control.safetensors")).exists();
    }

    @Test
    void theScoreFunctionFormWeighsRewardsByTheStrengthsThatItDraws(@TempDir Path folder) throws IOException {
        String augmentation =
                "augmentation={type: control, controls: [{name: smooth, classes: 2}], gamma_range: [3.9999,"
                        + " 4.0001]}";
        String weighed = "rewards=[{type: control-likelihood, classifier: classifier, times_gamma: true}]";
        double[] means = new double[2];
        for (int i = 0; i < 2; i++) {
            List<String> more = new ArrayList<>(List.of("rollout.samples_per_prompt=2", "epochs=1"));
            if (i == 1) {
                more.addAll(List.of(augmentation, weighed));
            }
            TinyRun run = tiny(folder.resolve("run" + i), "ctrl-pg", more.toArray(String[]::new));
            run.start();
            means[i] = run.rows().get(1L).get("reward_mean");
        }
        assertThat(means[1] / means[0]).isCloseTo(4, within(1e-3)); // before the update both are the checkpoint
    }

    @Test
    void aRewardOfTheScoreFunctionFormThatIsNoGammaIsRefusedBeforeAnythingRuns(@TempDir Path folder)
            throws IOException {
        String augmentation =
                "augmentation={type: control, controls: [{name: smooth, classes: 2}], gamma_range: [0.5, 4]}";
        String reward = "{type: control-likelihood, classifier: classifier%s}";
        Map<String, String> refusals = Map.of(
                ", weight: 0", "the weight is gamma and must be above 0, not 0.0",
                ", weight: -1", "the weight is gamma and must be above 0, not -1.0",
                ", rank: true", "leave rank out");
        int runs = 0;
        for (Map.Entry<String, String> refusal : refusals.entrySet()) {
            TinyRun run = tiny(
                    folder.resolve("run" + runs++),
                    "ctrl-pg",
                    "rollout.samples_per_prompt=2",
                    "rewards=[" + reward.formatted(refusal.getKey()) + "]");
            requireRefused(run, refusal.getValue());
        }
        requireRefused(
                scoreFunction(folder.resolve("untold"), augmentation, reward.formatted("")), "times_gamma: true");
        requireRefused(
                scoreFunction(
                        folder.resolve("twice"), augmentation, reward.formatted(", times_gamma: true, weight: 4")),
                "make the weight 1");
        // What is only watched may be anything.
        String watched = "[" + reward.formatted(", name: watched, rank: true") + "]";
        tiny(
                        folder.resolve("pg"),
                        "ctrl-pg",
                        "rollout.samples_per_prompt=2",
                        "epochs=1",
                        "evaluation_rewards=" + watched)
                .start();
        tiny(
                        folder.resolve("path"),
                        "{preset: ctrl, objective: {classifiers: [classifier]}}",
                        augmentation,
                        "epochs=1",
                        "rewards=" + watched.replace("rank: true", "weight: -1"))
                .start();
    }

    private static TinyRun scoreFunction(Path folder, String augmentation, String reward) throws IOException {
        return tiny(folder, "ctrl-pg", augmentation, "rollout.samples_per_prompt=2", "rewards=[" + reward + "]");
    }

    private static void requireRefused(TinyRun run, String reason) {
        assertThatThrownBy(run::start)
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("rewards: control-likelihood: ")
                .hasMessageContaining(reason);
        assertThat(run.path()).doesNotExist();
    }

    @Test
    void aCheckpointAloneKnowsNoControl(@TempDir Path folder) {
        Said said = Said.by(
                "sample",
                "--checkpoint",
                Paths.tinyCheckpoint(),
                "--prompt",
                "the cat",
                "--control",
                "smooth=1",
                "--out",
                folder.resolve("x"));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("has no control").contains("--control-adapter");
    }

    @Test
    void whatMakesNoSenseIsSaidBeforeAnythingRuns(@TempDir Path folder) throws IOException {
        String ctrl = "{preset: ctrl, objective: {classifiers: [classifier]}}";
        assertThatThrownBy(() -> tiny(folder.resolve("a"), ctrl, "optimiser.updates_per_epoch=2")
                        .config())
                .hasMessageContaining("times inner_epochs must be 1");
        assertThatThrownBy(() ->
                        tiny(folder.resolve("h"), ctrl, "run.diagnose_every=1").config())
                .hasMessageContaining("has none");
        assertThatThrownBy(() -> tiny(folder.resolve("i"), ctrl, "algorithm.trained_steps={type: fixed, steps: [1]}")
                        .config())
                .hasMessageContaining("has none");
        assertThatThrownBy(() -> tiny(folder.resolve("b"), ctrl, "rollout.dynamics={type: ddim, eta: 0}")
                        .config())
                .hasMessageContaining("adds no noise");
        assertThatThrownBy(() -> tiny(
                                folder.resolve("c"), "{preset: ctrl, objective: {gamma: 0, classifiers: [classifier]}}")
                        .config())
                .hasMessageContaining("gamma: must be above 0");
        assertThatThrownBy(() -> tiny(folder.resolve("d"), "{preset: ctrl, objective: {classifiers: [nowhere]}}")
                        .config())
                .hasMessageContaining("nowhere");
        String three = "augmentation={type: control, controls: [{name: smooth, classes: 3}]}";
        assertThatThrownBy(() -> tiny(folder.resolve("e"), ctrl, three).start())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("must be of the same classes");
        String other = "augmentation={type: control, controls: [{name: hue, classes: 2}]}";
        assertThatThrownBy(() -> tiny(folder.resolve("f"), ctrl, other).start())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("names no class of the control smooth");
        String unjudged =
                "augmentation={type: control, controls: [{name: smooth, classes: 2}, {name: hue, classes: 2}]}";
        assertThatThrownBy(() -> tiny(folder.resolve("l"), ctrl, unjudged).start())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("names a class of the control hue, but the classifiers know only smooth");
        assertThatThrownBy(
                        () -> tiny(folder.resolve("k"), ctrl, "augmentation=").start())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("`augmentation: {type: control, controls: [{name: smooth, classes: 2}]}`");
        String table =
                "evaluation_rewards=[{type: control-match, labels: [{type: table, file: labels.csv, control: smooth,"
                        + " classes: 2}]}]";
        assertThatThrownBy(() -> tiny(folder.resolve("j"), ctrl, table).config())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("evaluation_rewards[0]")
                .hasMessageContaining("must be of the type scored");
        assertThatThrownBy(() -> tiny(folder.resolve("g"), ctrl, "augmentation={type: control, controls: []}")
                        .config())
                .hasMessageContaining("must have at least one control");
    }

    @Test
    void aClassifierThatIsRefusedDoesNotClaimItsFolder(@TempDir Path folder) {
        Said said = Said.by(
                "ctrl", "classifier", shared.resolve("classifier.yaml"), "--out", folder, "--set", "data.width=64");
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("is 32 x 32, expected 64 x 32");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aStudyPreparesItsClassifierAndFindsMistakesBefore(@TempDir Path folder) throws IOException {
        new TinyRun(folder);
        Path file = Files.writeString(folder.resolve("study.yaml"), """
            question: Is it of the class?
            seeds: [1]
            prepare: ["ctrl classifier '%s' --out '%s' --set epochs=1"]
            set:
              - "augmentation={type: control, controls: [{name: smooth, classes: 2}]}"
              - "algorithm={preset: ctrl, objective: {classifiers: [classifier]}}"
              - "evaluation={prompts: held-out.txt, samples_per_prompt: 1}"
              - "tuning.targets=[to_q, to_v]"
              - "rollout.samples_per_prompt=1"
              - "rollout.width=32"
              - "rollout.height=32"
              - "epochs=1"
            arms: [{name: ctrl, config: tiny.yaml}]
            tables: [{type: last, metrics: [evaluation_reward_mean]}]
            """.formatted(
                        shared.resolve("classifier.yaml"), folder.resolve("classifier")));
        Path wrong = Files.writeString(
                folder.resolve("wrong.yaml"),
                Files.readString(file).replace("\"epochs=1\"", "\"rollout.dynamics={type: ddim, eta: 2}\""));
        Said said = study(wrong, folder);
        assertThat(said.code()).as(said.err()).isEqualTo(2);
        assertThat(said.err()).contains("eta");
        assertThat(folder.resolve("classifier")).doesNotExist();
        said = study(file, folder);
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.err()).contains("prepare: ctrl classifier");
        assertThat(folder.resolve("classifier/classifier.json")).exists();
        Path unknown = Files.writeString(
                folder.resolve("unknown.yaml"),
                Files.readString(file)
                        .replace("ctrl classifier", "ctrl clasifier")
                        .replace("seeds: [1]", "seeds: [2]"));
        said = study(unknown, folder);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("clasifier", "the study ends here", "exit code 2");
        Files.delete(folder.resolve("classifier/classifier.json"));
        said = study(file, folder);
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.err()).doesNotContain("prepare");
    }

    private static Said study(Path file, Path folder) {
        return Said.by("study", file, "--out", folder.resolve("out"), "--runs", folder.resolve("runs"));
    }
}
