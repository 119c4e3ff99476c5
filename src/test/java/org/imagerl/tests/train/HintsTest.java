package org.imagerl.tests.train;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.tests.Paths;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Second rollouts of prompts whose images all fail. Of the reward {@code alone} first rollouts get 0 and second ones 1. */
class HintsTest {
    private static final String[] SETTINGS = {
        "epochs=1",
        "evaluation=",
        "algorithm={preset: rloo}",
        "rollout.dynamics={type: ddim, eta: 1}",
        "optimiser.micro_batch=4",
        "rewards=[alone]",
        "run={save_every: 2, sample_every: 2}",
        "samples={prompts: 1, seeds: [0]}"
    };
    private static final String TWO = "rollout.hints={success: 1, levels: [{field: plan}, {guidance: 4}]}";

    @TempDir
    Path scratch;

    private TinyRun run(String name, String... more) {
        return new TinyRun(
                scratch.resolve(name),
                Stream.concat(Stream.of(SETTINGS), Stream.of(more)).toArray(String[]::new));
    }

    /** Both prompts fail. The first hint is for the one that has a plan, the second helps the other: one of two images is replaced, so that there is something to learn. */
    @Test
    void oneImageOfEachFailingPromptIsReplacedAndTrainedAsThePolicysOwn() throws IOException {
        Path prompts = Files.writeString(scratch.resolve("plans.jsonl"), """
            {"prompt": "the cat", "plan": "a photo of the cat"}
            {"prompt": "the dog"}
            """);
        TinyRun hinted = run("hinted", TWO, "prompts=" + prompts);
        TinyRun plain = run("plain", "prompts=" + prompts);
        hinted.start();
        plain.start();
        Map<String, Double> row = hinted.rows().get(1L);
        assertThat(row.get("hinted_groups")).isEqualTo(2);
        assertThat(row.get("hinted_successes")).isEqualTo(2);
        assertThat(row.get("samples_trained")).isEqualTo(4);
        assertThat(row.get("reward_mean")).as("of the policy's own images").isZero();
        assertThat(row.get("on_policy_deviation_max")).isLessThan(1e-5);
        assertThat(row.get("grad_norm")).isPositive();
        assertThat(plain.rows().get(1L).get("grad_norm")).isZero();
        double more = row.get("denoiser_evaluations") - plain.rows().get(1L).get("denoiser_evaluations");
        int images = 2;
        int steps = 2;
        int branches = 2;
        assertThat(more).as("the hint and the policy, at each step").isEqualTo(images * branches * steps * 2);
    }

    /** To the bit, with and without a hint that is tried in vain. */
    @Test
    void whereNothingFailsOrNothingHelpsItIsTheRunWithoutHints() {
        TinyRun plain = run("plain", "rewards=[jpeg-compressibility]");
        plain.start();
        String trainer = "checkpoints/step-000000001/trainer.safetensors";
        for (String success : new String[] {"-1000", "1000"}) {
            TinyRun hinted = run(
                    "at" + success,
                    "rewards=[jpeg-compressibility]",
                    "rollout.hints={success: " + success + ", levels: [{guidance: 3}]}");
            hinted.start();
            hinted.requireSameFile(plain, trainer);
            assertThat(hinted.rows().get(1L).get("hinted_groups")).isEqualTo(success.equals("1000") ? 2 : 0);
            assertThat(hinted.rows().get(1L).get("hinted_successes")).isZero();
        }
    }

    @Test
    void itBeginsAfterItsEpochsAndResumesToTheBit() {
        String later = "rollout.hints={success: 1, after: 1, levels: [{guidance: 4}]}";
        TinyRun whole = run("whole", later, "epochs=2", "run={save_every: 1, sample_every: 2}");
        TinyRun parts = run("parts", later, "epochs=2", "run={save_every: 1, sample_every: 2}");
        whole.start();
        assertThat(whole.rows().get(1L)).doesNotContainKey("hinted_groups");
        assertThat(whole.rows().get(1L).get("grad_norm")).isZero();
        assertThat(whole.rows().get(2L).get("hinted_successes")).isEqualTo(2);
        parts.start(TinyRun.stopAfter(1));
        parts.resume(TinyRun.stopAfter(9));
        assertThat(parts.rows().get(2L).get("grad_norm"))
                .isCloseTo(whole.rows().get(2L).get("grad_norm"), within(0.0));
        parts.requireSameFile(whole, "pytorch_lora_weights.safetensors");
    }

    /** An image that both prompts name. */
    private String shown() throws IOException {
        Files.copy(Paths.golden().resolve("calls/sd/image.png"), scratch.resolve("shown.png"), REPLACE_EXISTING);
        Path prompts = Files.writeString(scratch.resolve("shown.jsonl"), """
            {"prompt": "the cat", "shown": "%1$s"}
            {"prompt": "the dog", "shown": "%1$s"}
            """.formatted(scratch.resolve("shown.png")));
        return "prompts=" + prompts;
    }

    private static String from(double strength) {
        return "rollout.hints={success: 1, levels: [{image: shown, strength: " + strength + "}]}";
    }

    /** To the bit: nothing is left of the image, and the hint is another draw of the policy. */
    @Test
    void anImageOfWhichAllStepsAreMadeIsNoHint() throws IOException {
        TinyRun image = run("image", shown(), from(1));
        TinyRun draw = run("draw", shown(), "rollout.hints={success: 1, levels: [{guidance: 2}]}");
        image.start();
        draw.start();
        assertThat(image.rows().get(1L).get("hinted_successes")).isEqualTo(2);
        image.requireSameFile(draw, "checkpoints/step-000000001/trainer.safetensors");
    }

    /** Only the hinted images are trained on here, and of two steps only the second: half the gradient of a run that trains on the second alone. */
    @Test
    void stepsBeforeTheImageBeginsAreNotTrained() throws IOException {
        String best = "algorithm.selection={type: best-of-n}";
        TinyRun both = run("both", shown(), from(0.5), best);
        TinyRun second = run("second", shown(), from(0.5), best, "algorithm.trained_steps={type: fixed, steps: [1]}");
        both.start();
        second.start();
        Map<String, Double> row = both.rows().get(1L);
        assertThat(row.get("samples_trained")).isEqualTo(2);
        assertThat(row.get("on_policy_deviation_max")).isLessThan(1e-5);
        double gradient = second.rows().get(1L).get("grad_norm");
        assertThat(gradient).isPositive();
        assertThat(row.get("grad_norm")).isCloseTo(gradient / 2, withinPercentage(0.01));
        double hinted = row.get("denoiser_evaluations");
        TinyRun plain = run("plain", shown(), best);
        plain.start();
        double more = hinted - plain.rows().get(1L).get("denoiser_evaluations");
        assertThat(more)
                .as("2 images, 2 branches: a step of the hint and two of the policy")
                .isEqualTo(2 * 2 * 3);
    }

    @Test
    void hintsWithImagesResumeToTheBit() throws IOException {
        String[] two = {shown(), from(0.5), "epochs=2", "run={save_every: 1, sample_every: 2}"};
        TinyRun whole = run("whole", two);
        TinyRun parts = run("parts", two);
        whole.start();
        parts.start(TinyRun.stopAfter(1));
        parts.resume(TinyRun.stopAfter(9));
        assertThat(whole.rows().get(2L).get("grad_norm")).isPositive();
        parts.requireSameFile(whole, "pytorch_lora_weights.safetensors");
    }

    @Test
    void imagesThatCannotBeHintsAreRefused() throws IOException {
        assertThatThrownBy(() -> run("no", "rollout.hints={success: 1, levels: [{image: shown}]}")
                        .config())
                .hasMessageContaining("rollout.hints.levels[0].image: image and strength go together");
        assertThatThrownBy(() -> run("nobody", from(0.5)).start())
                .hasMessageContaining("rollout.hints.levels[0].image: none of the prompts has a field \"shown\"");
        String shown = shown();
        assertThatThrownBy(() -> run("none", shown, from(0.3)).start())
                .hasMessageContaining("rollout.hints.levels[0].strength: 0.3 of 2 steps is none");
        assertThatThrownBy(() -> run("pairs", shown, from(0.5), "algorithm={preset: p3o-v2}")
                        .config())
                .hasMessageContaining("rollout.hints: begin with images");
        Files.delete(scratch.resolve("shown.png"));
        assertThatThrownBy(() -> run("gone", shown, from(0.5)).start())
                .hasMessageContaining("shown.jsonl:1")
                .hasMessageContaining("shown.png\" is no file");
    }

    @Test
    void whatHintsDoNotGoWithIsRefused() {
        assertThatThrownBy(() -> run("noise", TWO, "rollout.shared_noise=true").config())
                .hasMessageContaining("rollout.hints: make images that begin with noise of their own");
        assertThatThrownBy(() ->
                        run("none", "rollout.hints={success: 1, levels: []}").config())
                .hasMessageContaining("rollout.hints.levels: must have at least one hint");
        assertThatThrownBy(() -> run("nobody", TWO).start())
                .hasMessageContaining("rollout.hints.levels[0].field: none of the prompts has a field \"plan\"");
        String guided = "rollout.hints={success: 1, levels: [{guidance: 4}]}";
        assertThatThrownBy(
                        () -> run("group", guided, "rewards=[alone, together]").start())
                .hasMessageContaining("rollout.hints: make single images, and the reward together scores all images");
    }
}
