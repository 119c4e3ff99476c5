package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Trajectories;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.recipe.ScoreFunction;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.recipe.Unclipped;
import org.imagerl.toolkit.recipe.UniformWeight;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The first update after a rollout: the weights are those that sampled. */
class OnPolicyTest {
    private static final double[] ADVANTAGES = {1.5, -0.25, 0.5, -1};

    private static List<Named<TinyPolicy>> policies;

    @BeforeAll
    static void open() {
        policies = List.of(
                Named.of("without guidance", TinyPolicy.trained(TinyPolicy.ATTENTION, 1)),
                Named.of("with guidance", TinyPolicy.trained(TinyPolicy.ATTENTION, 5)),
                Named.of("with guidance, text encoder tuned", TinyPolicy.trained(TinyPolicy.WITH_TEXT, 5)));
    }

    @AfterAll
    static void close() {
        policies.forEach(policy -> policy.getPayload().close());
    }

    static List<Named<TinyPolicy>> policies() {
        return policies;
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("policies")
    void everyRatioIsOneToTheBitAndTheLossIsMinusTheMeanAdvantage(TinyPolicy tiny) {
        Batch batch = TinyPolicy.batch(tiny.rollout(), ADVANTAGES);
        Recipe ddpo = TinyPolicy.ddpo();
        assertThat(ddpo.passes(batch)).isEqualTo(TinyPolicy.STEPS);
        for (int pass = 0; pass < TinyPolicy.STEPS; pass++) {
            Loss loss = tiny.evaluate(ddpo, batch, pass);
            assertThat(loss.metrics().values())
                    .as("step %d", pass)
                    .containsEntry("ratio", 1.0)
                    .containsEntry("on_policy_deviation_max", 0.0)
                    .containsEntry("clip_fraction", 0.0)
                    .containsEntry("approx_kl", 0.0);
            assertThat(loss.value().getFloat()).as("step %d", pass).isEqualTo(-0.1875f);
        }
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("policies")
    void inBatchesOfAnotherSizeRatiosDifferFromOneByRoundingOnly(TinyPolicy tiny) {
        Trajectories rollout = tiny.rollout();
        for (int row = 0; row < rollout.size(); row++) {
            Batch alone = TinyPolicy.batch(tiny.rows(rollout, row), 1);
            for (int pass = 0; pass < TinyPolicy.STEPS; pass++) {
                Loss loss = tiny.evaluate(TinyPolicy.ddpo(), alone, pass);
                assertThat(loss.metrics().values().get("on_policy_deviation_max"))
                        .as("sample %d, step %d", row, pass)
                        .isLessThan(1e-5);
            }
        }
    }

    /** Both branches of guidance are differentiated, and the text encoder where it is tuned: else the numbers differ. */
    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("policies")
    void theGradientIsThatOfMinusMeanAdvantageTimesLogDensity(TinyPolicy tiny) {
        Trajectories rollout = tiny.rollout();
        Batch batch = TinyPolicy.batch(rollout, ADVANTAGES);
        for (int step : new int[] {0, TinyPolicy.STEPS - 1}) {
            Map<String, float[]> gradients = tiny.gradients(TinyPolicy.ddpo(), batch, step);
            for (Map<String, float[]> direction : Directions.worthChecking(gradients)) {
                double slope = tiny.slope(direction, 0.01, () -> minusMean(tiny.logDensity(rollout, step)));
                Directions.requireSlope("step " + step, slope, gradients, direction);
            }
        }
    }

    private static double minusMean(double[] logDensities) {
        double sum = 0;
        for (int i = 0; i < logDensities.length; i++) {
            sum -= ADVANTAGES[i] * logDensities[i];
        }
        return sum / logDensities.length;
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("policies")
    void centredAdvantagesGiveNoLossButAGradient(TinyPolicy tiny) {
        Batch batch = TinyPolicy.batch(tiny.rollout(), 1, -1, 0.5, -0.5);
        assertThat(tiny.evaluate(TinyPolicy.ddpo(), batch, 1).value().getFloat())
                .isZero();
        Map<String, float[]> gradients = tiny.gradients(TinyPolicy.ddpo(), batch, 1);
        gradients.forEach((name, gradient) -> assertThat(gradient).as(name).doesNotContain(Float.NaN));
        assertThat(Directions.norm(gradients)).isGreaterThan(1e-4);
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("policies")
    void theScoreFunctionEstimatorHasTheSameGradient(TinyPolicy tiny) {
        Recipe reinforce = new Recipe(
                new TransitionLikelihood(), new ScoreFunction(), new Unclipped(), new UniformWeight(), Map.of());
        Batch batch = TinyPolicy.batch(tiny.rollout(), ADVANTAGES);
        Map<String, float[]> expected = tiny.gradients(TinyPolicy.ddpo(), batch, 2);
        Close.require(tiny.gradients(reinforce, batch, 2), expected, 1e-6);
    }
}
