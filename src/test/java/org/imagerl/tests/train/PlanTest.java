package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.training.loop.MemoryEstimate;
import org.imagerl.training.loop.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plan counts is what the run then counts. */
class PlanTest {
    @TempDir
    private Path scratch;

    @Test
    void evaluationsOfTheDenoiserAreThoseOfTheRun() {
        TinyRun run =
                new TinyRun(scratch, "epochs=1", "evaluation.samples_per_prompt=1", "samples={prompts: 1, seeds: [0]}");
        Plan plan = Plan.of(run.config(), TinyRun.REGISTRY, run.notices::add);
        assertThat(run.path()).as("nothing is written").doesNotExist();
        run.start();
        Map<String, Double> epoch = run.rows().get(1L);
        assertThat(plan.rolloutEvaluations() + plan.updateEvaluations())
                .isEqualTo(epoch.get("denoiser_evaluations").longValue());
        assertThat(plan.images()).isEqualTo(4);
        assertThat(plan.evaluations()).isEqualTo(2);
        assertThat(plan.evaluationImages())
                .isEqualTo(epoch.get("evaluation_images").longValue());
        assertThat(plan.seconds()).isPositive().isFinite();
        assertThat(plan.memory().weights()).containsOnlyKeys("text_encoder", "unet", "vae");
        assertThat(run.notices).anyMatch(line -> line.startsWith("1 epoch of 4 images will take about "));
    }

    /** The advantage asks about the rollouts, the penalty in every pass, and the trust region before every update. */
    @Test
    void whatPartsAskTheDenoiserIsCounted() {
        TinyRun run = new TinyRun(
                scratch,
                "epochs=1",
                "evaluation=",
                "samples={prompts: 1, seeds: [0]}",
                "algorithm.advantage=kl-reward",
                "algorithm.penalty={type: kl-mean, coefficient: 0.1}",
                "algorithm.trust_region={type: lp-reg, proxy: reference}");
        Plan plan = Plan.of(run.config(), TinyRun.REGISTRY, run.notices::add);
        run.start();
        assertThat(plan.rolloutEvaluations() + plan.updateEvaluations())
                .isEqualTo(run.rows().get(1L).get("denoiser_evaluations").longValue());
    }

    /** Of each trained number the weight, its gradient and two moments, and with an average that. */
    @Test
    void theMemoryIsThatOfDtypesAndOfWhatIsKeptOfEachTrainedNumber() {
        TinyRun usual = new TinyRun(scratch.resolve("usual"));
        TinyRun other = new TinyRun(
                scratch.resolve("other"), "dtype=bfloat16", "text_encoder_dtype=float32", "optimiser.ema_decay=0.9");
        MemoryEstimate exact =
                Plan.of(usual.config(), TinyRun.REGISTRY, line -> {}).memory();
        MemoryEstimate lean =
                Plan.of(other.config(), TinyRun.REGISTRY, line -> {}).memory();
        assertThat(lean.weights().get("unet")).isEqualTo(exact.weights().get("unet") / 2);
        assertThat(lean.weights().get("vae")).isEqualTo(exact.weights().get("vae") / 2);
        assertThat(lean.weights().get("text_encoder")).isEqualTo(exact.weights().get("text_encoder"));
        assertThat(lean.trained() * 16).isEqualTo(exact.trained() * 20);
        assertThat(lean.sampling() * 2).isEqualTo(exact.sampling()).isPositive();
    }

    @Test
    void aRunOfDaysIsAWarningThatSaysWhatShortensIt() {
        Plan days =
                new Plan(100, 512, 1, 1, 1, 1, 5, 40_000, 60_000, 100, new MemoryEstimate(new TreeMap<>(), 0, 0, 0, 0));
        assertThat(days.isLong()).isTrue();
        assertThat(Plan.duration(days.seconds())).isEqualTo("116 days");
        assertThat(Plan.duration(40)).isEqualTo("40 seconds");
        assertThat(Plan.duration(480)).isEqualTo("8 minutes");
        assertThat(Plan.duration(20_000)).isEqualTo("5.6 hours");
    }
}
