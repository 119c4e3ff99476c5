package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
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
