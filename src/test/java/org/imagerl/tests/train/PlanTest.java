package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
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

    @Test
    void aRunOfDaysIsAWarningThatSaysWhatShortensIt() {
        Plan days = new Plan(100, 512, 1, 1, 1, 1, 5, 40_000, 60_000, 100);
        assertThat(days.isLong()).isTrue();
        assertThat(Plan.duration(days.seconds())).isEqualTo("116 days");
        assertThat(Plan.duration(40)).isEqualTo("40 seconds");
        assertThat(Plan.duration(480)).isEqualTo("8 minutes");
        assertThat(Plan.duration(20_000)).isEqualTo("5.6 hours");
    }
}
