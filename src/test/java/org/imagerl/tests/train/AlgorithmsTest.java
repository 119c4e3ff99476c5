package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The algorithms that came with flow models, on a diffusion checkpoint: they know of no family. Each trains, and stopped and resumed it ends as one
 * that was not, to the bit.
 */
class AlgorithmsTest {
    private static final List<String> SMALL = List.of(
            "epochs=2",
            "evaluation=",
            "run={save_every: 2, sample_every: 2}",
            "optimiser.updates_per_epoch=2",
            "samples={prompts: 1, seeds: [0]}");

    @TempDir
    Path scratch;

    static List<Named<List<String>>> algorithms() {
        String noisy = "rollout.dynamics={type: ddim, eta: 1.0}";
        String few = "algorithm.likelihood={type: matching, draws: 2}";
        String four = "rollout.steps=4";
        String unguided = "rollout.guidance=1";
        return List.of(
                Named.of("flow-grpo", List.of("algorithm=flow-grpo", noisy)),
                Named.of("dance-grpo", List.of("algorithm=dance-grpo", noisy)),
                Named.of("grpo-guard", List.of("algorithm=grpo-guard", noisy)),
                Named.of("awm", List.of("algorithm=awm", four, few)),
                Named.of(
                        "awm with uniform times and a huber",
                        List.of(
                                "algorithm=awm",
                                four,
                                unguided,
                                "algorithm.likelihood={type: matching, draws: 2, weighting: huber, times: {type:"
                                        + " uniform, from: 0.2, to: 1}}")),
                Named.of(
                        "awm, all weights, sampled by the trailing average",
                        List.of(
                                "algorithm=awm",
                                four,
                                few,
                                unguided,
                                "tuning={type: full, components: [unet]}",
                                "optimiser.learning_rate=1e-3",
                                "algorithm.sampled_by=ema",
                                "algorithm.trailing={decay: 0.5, ramp: 0.2}")));
    }

    private TinyRun run(String name, List<String> overrides) {
        List<String> all = new ArrayList<>(SMALL);
        all.addAll(overrides);
        return new TinyRun(scratch.resolve(name), all.toArray(String[]::new));
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void itTrainsAndResumesToTheBit(List<String> overrides) {
        Map<String, Double> last = trainedAndResumed(overrides);
        assertThat(last.get("ratio_deviation_max")).isPositive();
        boolean offPolicy = overrides.contains("algorithm.sampled_by=ema");
        if (offPolicy) {
            assertThat(last).doesNotContainKey("on_policy_deviation_max");
        } else {
            assertThat(last.get("on_policy_deviation_max")).isLessThan(1e-5);
        }
    }

    static List<Named<List<String>>> notRecipes() {
        String average = "algorithm.trailing={decay: 0.5, ramp: 0.2}";
        String one = "algorithm.objective={draws: 1}";
        return List.of(
                Named.of("nft", List.of("algorithm=nft", one, average)),
                Named.of("dgpo", List.of("algorithm=dgpo", one, average)),
                Named.of(
                        "tgdpo, anchored", List.of("algorithm=tgdpo", one, "algorithm.objective.anchor=0.25", average)),
                Named.of("crd", List.of("algorithm=crd", one, average)));
    }

    /** Objectives that are no recipe, with a behaviour policy that is an average of the weights. */
    @ParameterizedTest
    @MethodSource("notRecipes")
    void anObjectiveTrainsAndResumesToTheBit(List<String> overrides) {
        assertThat(trainedAndResumed(overrides).get("matching_error")).isPositive();
    }

    /** A random number of steps with their noise, and another reward by a score function on the same rollouts. */
    @Test
    void aRewardGradientTrainsAndResumesToTheBit() {
        Map<String, Double> last = trainedAndResumed(List.of(
                "algorithm={preset: alignprop, objective: {rewards: [{reward: {type: jpeg-estimate}}], score_function: 0.5}}",
                "rollout={steps: 4, guidance: 1.0, dynamics: {type: ddim, eta: 1.0}}",
                "optimiser.updates_per_epoch=1"));
        assertThat(last.get("score")).isNegative();
        assertThat(last.get("on_policy_deviation_max")).isLessThan(1e-5);
    }

    /** Before training the student lacks the guidance that the teacher has. */
    @Test
    void guidanceIsDistilled() {
        String one = "objective: {states: {type: renoised, draws: 1}}";
        TinyRun guided = run(
                "guided",
                List.of(
                        "algorithm={preset: diffusion-opd, guidance: 3.0, " + one + "}",
                        "rollout.guidance=1",
                        "epochs=1"));
        assertThat(guided.start().finished()).isTrue();
        assertThat(guided.rows().get(1L).get("teacher_distance")).isGreaterThan(1e-4);
        TinyRun plain = run(
                "plain",
                List.of(
                        "algorithm={preset: diffusion-opd, guidance: 1.0, " + one + "}",
                        "rollout.guidance=1",
                        "epochs=1",
                        "optimiser.updates_per_epoch=1"));
        assertThat(plain.start().finished()).isTrue();
        assertThat(plain.rows().get(1L).get("teacher_distance")).isLessThan(1e-9);
    }

    /** What it lacks is said before anything runs. */
    @Test
    void aRewardGradientNeedsRewardsAndStepsOfOneCall() {
        assertThatThrownBy(
                        () -> run("none", List.of("algorithm={preset: draft}")).start())
                .hasMessageContaining("rewards");
        String draft = "algorithm={preset: draft, objective: {rewards: [{reward: {type: jpeg-estimate}}]}}";
        assertThatThrownBy(() -> run(
                                "heun",
                                List.of(draft, "optimiser.updates_per_epoch=1", "rollout.dynamics={type: dpmpp-2m}"))
                        .start())
                .hasMessageContaining("gradients pass through single steps alone");
        assertThatThrownBy(() -> run("two", List.of(draft)).start()).hasMessageContaining("must be 1");
    }

    /** The metrics of the last epoch. */
    private Map<String, Double> trainedAndResumed(List<String> overrides) {
        TinyRun whole = run("whole", overrides);
        assertThat(whole.start().finished()).isTrue();
        TinyRun parts = run("parts", overrides);
        assertThat(parts.start(TinyRun.stopAfter(1)).finished()).isFalse();
        assertThat(parts.resume(TinyRun.stopAfter(9)).finished()).isTrue();
        assertThat(parts.rows()).isEqualTo(whole.rows());
        parts.requireSameFile(whole, "checkpoints/step-000000002/trainer.safetensors");
        parts.requireSameFile(whole, "checkpoints/step-000000002/state.json");
        Map<String, Double> last = whole.rows().get(2L);
        assertThat(last.get("grad_norm")).isPositive();
        return last;
    }
}
