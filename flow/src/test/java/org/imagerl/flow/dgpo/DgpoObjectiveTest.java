package org.imagerl.flow.dgpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.PromptGroups;
import org.imagerl.flow.matching.Times;
import org.imagerl.flow.testing.LineFlow;
import org.imagerl.flow.testing.LineFlowContract;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Direct Group Preference Optimization on the smallest flow model: two prompts, whose images lie mixed. */
class DgpoObjectiveTest {
    private static final Times TIMES = new Times.Uniform(0.2, 0.9);
    private static final double[] ADVANTAGES = {1, -0.5, 0.25, 2};

    private final LineFlow flow = new LineFlow(WeightSet.EMA);
    private final Trajectories rollout = ofTwoPrompts(flow.rollout(new OdeDynamics(), 4, Sampler.Keep.LAST, 4));

    private static Trajectories ofTwoPrompts(Trajectories own) {
        Prompt a = Prompt.of("a", "prompt");
        Prompt b = Prompt.of("b", "prompt");
        return new Trajectories(
                own.kernel(), List.of(a, b, a, b), own.conditioning(), own.states(), own.logDensities());
    }

    @AfterEach
    void close() {
        flow.close();
    }

    private static DgpoObjective objective(double beta, Double clipRange) {
        return new DgpoObjective(new DgpoObjective.Config(beta, clipRange, 0, 3, TIMES));
    }

    private Batch batch(double... advantages) {
        return new Batch(rollout, advantages, new int[0], true, 77, new int[] {7, 4, 9, 5});
    }

    private Map<String, Double> gradients(DgpoObjective objective) {
        return flow.gradients(
                () -> objective.loss(flow.policy, batch(ADVANTAGES), 1).value());
    }

    private double metric(DgpoObjective objective, String name) {
        return metric(objective, name, ADVANTAGES);
    }

    private double metric(DgpoObjective objective, String name, double... advantages) {
        return Gradients.record(recording -> objective.loss(flow.policy, batch(advantages), 1))
                .metrics()
                .values()
                .get(name);
    }

    private NoisedImages noised() {
        return NoisedImages.draw(flow.policy, batch(ADVANTAGES), TIMES, 1, 3, PromptGroups.first(batch(ADVANTAGES)));
    }

    @Test
    void atTheReferenceWeightsItIsHalfTheAdvantageTimesTheMatchingLoss() {
        Map<String, Double> expected = flow.gradients(() -> {
            NoisedImages noised = noised();
            NDArray errors = noised.errors(
                    noised.output(flow.policy, WeightSet.LIVE, batch(ADVANTAGES)), PredictionError.VELOCITY);
            return Kernels.scale(errors.mul(PerSample.like(errors, ADVANTAGES)).mean(), 0.5);
        });
        gradients(objective(100, null))
                .forEach((name, gradient) ->
                        assertThat(gradient).as(name).isCloseTo(expected.get(name), withinPercentage(0.01)));
        assertThat(metric(objective(100, null), "preference_weight")).isEqualTo(0.5);
    }

    /** With advantages of one prompt alone; the weight of the other stays 1/2. */
    @Test
    void theWeightOfAPromptFallsAsItsPreferenceIsSatisfied() {
        double[] ofOne = {1, 0, -0.5, 0};
        DgpoObjective steep = objective(1e5, null);
        double gradient = flow.gradients(
                        () -> steep.loss(flow.policy, batch(ofOne), 1).value())
                .get("offset");
        double step = -1e-3 * Math.signum(gradient);
        flow.move("offset", step);
        assertThat(metric(steep, "preference_weight", ofOne)).isCloseTo(0.25, within(0.05));
        flow.move("offset", -2 * step);
        assertThat(metric(steep, "preference_weight", ofOne)).isCloseTo(0.75, within(0.05));
    }

    @Test
    void imagesOfAPromptShareTimeAndNoise() {
        NoisedImages noised = noised();
        float[] eps = noised.target().add(rollout.state(4)).toFloatArray();
        int elements = eps.length / 4;
        for (int i = 0; i < elements; i++) {
            assertThat(eps[i]).isCloseTo(eps[2 * elements + i], within(1e-5f));
            assertThat(eps[elements + i]).isCloseTo(eps[3 * elements + i], within(1e-5f));
        }
        assertThat(noised.timesteps()[0]).isEqualTo(noised.timesteps()[2]).isNotEqualTo(noised.timesteps()[1]);
        assertThat(eps[0]).isNotCloseTo(eps[elements], within(1e-3f));
        assertThat(objective(1, null).unit()).isEqualTo(TrainingUnit.GROUP);
    }

    /** Only where the advantage pushes on: what pulls back is trained on. */
    @Test
    void imagesThatHaveMovedFarEnoughAreLeftOut() {
        assertThat(metric(objective(1, 0.01), "clip_fraction")).isZero();
        flow.move("offset", 0.5);
        double[] now = errors(WeightSet.LIVE);
        double[] before = errors(WeightSet.EMA);
        double expected = 0;
        for (int i = 0; i < now.length; i++) {
            double ratio = Math.exp(before[i] - now[i]);
            expected += (ADVANTAGES[i] > 0 ? ratio > 1.01 : ratio < 0.99) ? 0.25 : 0;
        }
        assertThat(expected).isPositive();
        assertThat(metric(objective(1, 0.01), "clip_fraction")).isEqualTo(expected);
        assertThat(objective(1, 0.01).needs().weights()).containsExactlyInAnyOrder(WeightSet.REFERENCE, WeightSet.EMA);
    }

    private double[] errors(WeightSet weights) {
        NoisedImages noised = noised();
        return Gradients.off(
                () -> noised.errors(noised.output(flow.policy, weights, batch(ADVANTAGES)), PredictionError.VELOCITY)
                        .toDoubleArray());
    }

    @Test
    void settingsThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> objective(0, null)).hasMessageContaining("beta");
        assertThatThrownBy(() -> objective(1, 0.0)).hasMessageContaining("clip_range");
        assertThatThrownBy(() -> new DgpoObjective.Config(1, null, -1, 1, TIMES))
                .hasMessageContaining("reference_coefficient");
        assertThatThrownBy(() -> new DgpoObjective.Config(1, null, 0, 0, TIMES)).hasMessageContaining("draws");
    }

    @Nested
    class EveryObjective extends LineFlowContract {
        EveryObjective() {
            super(flow, () -> objective(100, null), () -> batch(ADVANTAGES));
        }
    }
}
