package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.imagerl.spi.Preset;
import org.imagerl.toolkit.recipe.paper.PaperPlugin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The methods that are named after papers: each trains the tiny checkpoint and moves its weights; what remembers something trains for two epochs. */
class PaperPresetsTest {
    /** One step with noise, four images, one prompt of two beside another. */
    private static final List<String> SMALL = List.of(
            "evaluation=",
            "rollout.steps=2",
            "rollout.guidance=1",
            "rollout.prompts_per_epoch=2",
            "rollout.samples_per_prompt=2",
            "run.save_every=2",
            "run.sample_every=2",
            "optimiser.micro_batch=4",
            "samples={prompts: 1, seeds: [0]}");

    /** What a method asks for beside its name. */
    private static final Map<String, List<String>> MORE = Map.of(
            "bnpo", List.of("algorithm.advantage.min=-20", "algorithm.advantage.max=0"),
            "best-of-n", List.of("algorithm.likelihood={type: matching, draws: 1}", "rollout.steps=4"),
            "f-dpg", List.of("algorithm.advantage.beta=10"),
            "eapo", List.of("algorithm.advantage.shift=true"),
            "epo", List.of("rewards=[jpeg-compressibility, {type: jpeg-incompressibility, name: diversity}]"),
            "utility", List.of("reward_combination={type: utility, kind: exponential}"),
            "lp-reg", List.of("algorithm.trust_region.share=0.9"),
            "capo", List.of("algorithm.trust_region.threshold=1"),
            "riskpo", List.of("algorithm.advantage.bundle=2"));

    /** Those that remember something from one epoch to the next: these are stopped and resumed too. */
    private static final Set<String> STATEFUL = Set.of("n-harpg", "n-pg-igt", "policy-guided", "riskpo");

    @TempDir
    Path scratch;

    static List<String> presets() {
        return new PaperPlugin().presets().stream().map(Preset::name).toList();
    }

    private TinyRun run(String folder, String preset) {
        return run(folder, preset, MORE.getOrDefault(preset, List.of()));
    }

    private TinyRun run(String folder, String preset, List<String> settings, String... more) {
        List<String> overrides = new ArrayList<>(SMALL);
        overrides.add("algorithm=" + preset);
        overrides.addAll(settings);
        overrides.addAll(List.of(more));
        return new TinyRun(scratch.resolve(folder), overrides.toArray(String[]::new));
    }

    /** Which pairs are dropped is decided for the whole update, however it is cut. */
    @Test
    void whatASurveyChoosesDoesNotDependOnMicroBatches() {
        List<String> more =
                List.of("epochs=1", "rollout.steps=4", "algorithm.trust_region={type: clip-cov, from: 0, count: 3}");
        TinyRun one = run("one", "clip-cov", more, "optimiser.micro_batch=4");
        TinyRun cut = run("cut", "clip-cov", more, "optimiser.micro_batch=1");
        one.start();
        cut.start();
        Map<String, Double> whole = one.rows().get(1L);
        Map<String, Double> small = cut.rows().get(1L);
        assertThat(whole.get("clip_fraction")).isEqualTo(3.0 / 16);
        assertThat(small.get("clip_fraction")).isCloseTo(whole.get("clip_fraction"), within(1e-12));
        assertThat(small.get("grad_norm")).isCloseTo(whole.get("grad_norm"), withinPercentage(0.1));
    }

    /** A trial that finds nothing too far is as if it had not been, to the bit; one that leaves everything out moves nothing. */
    @Test
    void aTrialOfTheStepIsTakenBack() {
        String trial = "algorithm.trust_region={type: trial-step, threshold: ";
        TinyRun open = run("open", "capo", List.of(trial + "1000}"));
        TinyRun plain = run("plain", "capo", List.of("algorithm.trust_region=none"));
        open.start();
        plain.start();
        open.requireSameFile(plain, "checkpoints/step-000000002/trainer.safetensors");
        TinyRun shut = run("shut", "capo", List.of(trial + "0}", "epochs=1"));
        shut.start();
        assertThat(shut.rows().get(1L).get("clip_fraction")).isEqualTo(1);
        assertThat(shut.rows().get(1L).get("grad_norm")).isZero();
    }

    /** Of the second epoch on prompts would have different numbers of images, which bundles cannot compare. */
    @Test
    void bundlesNeedAsManyImagesOfEveryPrompt() {
        TinyRun run = run("divided", "riskpo", List.of("algorithm.advantage.bundle=2", "rollout.budget=knapsack"));
        assertThatThrownBy(run::config)
                .hasMessageContaining("rollout.budget: gives some prompts more samples than others, and the advantage"
                        + " riskpo compares as many of each");
    }

    /** Not led at all they are the rollouts of the EMA weights, to the bit; led, they are others once the weights have moved. */
    @Test
    void rolloutsThatAreNotLedAreThoseOfTheEmaWeights() {
        String decay = "algorithm.trailing={decay: 0.9, ramp: 1, delay: 0}";
        TinyRun still = run("still", "policy-guided", List.of("rollout.policy_guidance=0", decay));
        TinyRun slow = run("slow", "policy-guided", List.of("rollout.policy_guidance=", decay));
        TinyRun led = run("led", "policy-guided", List.of(decay));
        still.start();
        slow.start();
        led.start();
        String trainer = "checkpoints/step-000000002/trainer.safetensors";
        still.requireSameFile(slow, trainer);
        assertThatThrownBy(() -> led.requireSameFile(slow, trainer)).isInstanceOf(AssertionError.class);
        double more = led.rows().get(2L).get("denoiser_evaluations")
                - slow.rows().get(2L).get("denoiser_evaluations");
        assertThat(more).as("a step of four images").isEqualTo(4);
        assertThatThrownBy(() -> run("live", "policy-guided", List.of("algorithm.sampled_by=live"))
                        .config())
                .hasMessageContaining("rollout.policy_guidance: leads rollouts of the EMA weights");
    }

    /** Without a coefficient the divergence in the reward is the plain recipe, to the bit. */
    @Test
    void aRewardWithoutItsDivergenceIsTheReward() {
        TinyRun shaped = run("shaped", "kl-reward", List.of("algorithm.advantage.coefficient=0"));
        TinyRun plain = run("plain", "kl-reward", List.of("algorithm.advantage={type: group, global_std: false}"));
        shaped.start();
        plain.start();
        shaped.requireSameFile(plain, "pytorch_lora_weights.safetensors");
    }

    /** The first step of the weights is the same, wherever the next rollouts are sampled: those weights are exported, not the point ahead of them. */
    @Test
    void theWeightsAreExportedAndNotThePointAheadOfThem() {
        TinyRun ahead = run("ahead", "n-pg-igt", List.of("epochs=1", "optimiser.momentum=0.9", "run.save_every=1"));
        TinyRun plain = run("plain", "n-pg-igt", List.of("epochs=1", "optimiser.momentum=0", "run.save_every=1"));
        ahead.start();
        plain.start();
        ahead.requireSameFile(plain, "pytorch_lora_weights.safetensors");
        String trainer = "checkpoints/step-000000001/trainer.safetensors";
        assertThatThrownBy(() -> ahead.requireSameFile(plain, trainer)).isInstanceOf(AssertionError.class);
    }

    /** Corrected all the way, evaluations are of the checkpoint before and after training; the training is the same. */
    @Test
    void evaluationsMayBeCorrectedTowardsTheCheckpoint() {
        List<String> fast = List.of(
                "epochs=1", "evaluation={prompts: held-out.txt}", "run.sample_every=2", "optimiser.learning_rate=0.05");
        TinyRun corrected = run("corrected", "rloo", fast, "evaluation.reference=1");
        TinyRun tuned = run("tuned", "rloo", fast);
        corrected.start();
        tuned.start();
        String mean = "evaluation_reward_mean";
        Map<Long, Map<String, Double>> rows = corrected.rows();
        assertThat(rows.get(1L).get(mean)).isEqualTo(rows.get(0L).get(mean));
        assertThat(tuned.rows().get(0L).get(mean)).isEqualTo(rows.get(0L).get(mean));
        assertThat(tuned.rows().get(1L).get(mean)).isNotEqualTo(rows.get(0L).get(mean));
        corrected.requireSameFile(tuned, "pytorch_lora_weights.safetensors");
    }

    @ParameterizedTest
    @MethodSource("presets")
    void itTrains(String preset) {
        TinyRun run = STATEFUL.contains(preset)
                ? run("whole", preset)
                : run("whole", preset, MORE.getOrDefault(preset, List.of()), "epochs=1");
        assertThat(run.start().finished()).isTrue();
        Map<Long, Map<String, Double>> rows = new TreeMap<>(run.rows());
        assertThat(rows.get(1L).get("grad_norm")).isPositive();
        assertThat(rows.get(1L).getOrDefault("on_policy_deviation_max", 0.0)).isLessThan(1e-5);
        if (STATEFUL.contains(preset)) {
            TinyRun parts = run("parts", preset);
            parts.start(TinyRun.stopAfter(1));
            assertThat(parts.resume(TinyRun.stopAfter(9)).finished()).isTrue();
            assertThat(parts.rows()).isEqualTo(rows);
            parts.requireSameFile(run, "checkpoints/step-000000002/trainer.safetensors");
            parts.requireSameFile(run, "checkpoints/step-000000002/state.json");
        }
    }
}
