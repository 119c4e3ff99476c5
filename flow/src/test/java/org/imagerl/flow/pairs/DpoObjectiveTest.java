package org.imagerl.flow.pairs;

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
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Diffusion-DPO on the smallest flow model: a prompt with three images, and one with a single image. */
class DpoObjectiveTest {
    private static final Times TIMES = new Times.Uniform(0.2, 0.9);
    private static final double BETA = 50;

    private final LineFlow flow = new LineFlow();
    private final Trajectories rollout = ofTwoPrompts(flow.rollout(new OdeDynamics(), 4, Sampler.Keep.LAST, 4));

    private static Trajectories ofTwoPrompts(Trajectories own) {
        Prompt a = Prompt.of("a", "prompt");
        Prompt b = Prompt.of("b", "prompt");
        return new Trajectories(
                own.kernel(), List.of(a, a, b, a), own.conditioning(), own.states(), own.logDensities());
    }

    @AfterEach
    void close() {
        flow.close();
    }

    private static DpoObjective objective(double anchor) {
        return new DpoObjective(new DpoObjective.Config(BETA, anchor, PredictionError.VELOCITY, 3, TIMES));
    }

    private Batch batch(double... advantages) {
        return new Batch(rollout, advantages, new int[0], true, 77, new int[] {7, 4, 9, 5});
    }

    private Map<String, Double> gradients(DpoObjective objective, double... advantages) {
        return flow.gradients(
                () -> objective.loss(flow.policy, batch(advantages), 1).value());
    }

    private Loss loss(DpoObjective objective, double... advantages) {
        return Gradients.record(recording -> objective.loss(flow.policy, batch(advantages), 1));
    }

    /** The gradient of the errors' sum with these factors. */
    private Map<String, Double> ofErrors(double... factors) {
        return flow.gradients(() -> {
            Batch batch = batch(factors);
            NoisedImages noised = NoisedImages.draw(flow.policy, batch, TIMES, 1, 3, PromptGroups.first(batch));
            NDArray errors = noised.errors(noised.output(flow.policy, WeightSet.LIVE, batch), PredictionError.VELOCITY);
            return errors.mul(PerSample.like(errors, factors)).sum();
        });
    }

    /** The pair is three quarters of the batch. */
    @Test
    void atTheReferenceWeightsTheLossIsLogTwoAndPullsTheBestFromTheWorst() {
        assertThat(loss(objective(0), 0.5, 2, 9, -1).value().getDouble()).isCloseTo(0.75 * Math.log(2), within(1e-12));
        double factor = 0.75 * BETA / 4;
        Map<String, Double> expected = ofErrors(0, factor, 0, -factor);
        gradients(objective(0), 0.5, 2, 9, -1)
                .forEach((name, gradient) ->
                        assertThat(gradient).as(name).isCloseTo(expected.get(name), withinPercentage(0.01)));
    }

    @Test
    void theAnchorIsTheMatchingLossOfTheBest() {
        Map<String, Double> without = gradients(objective(0), 0.5, 2, 9, -1);
        Map<String, Double> anchor = ofErrors(0, 0.75 * 3, 0, 0);
        gradients(objective(3), 0.5, 2, 9, -1)
                .forEach((name, gradient) -> assertThat(gradient - without.get(name))
                        .as(name)
                        .isCloseTo(anchor.get(name), withinPercentage(0.1)));
    }

    @Test
    void swappingThePairTurnsTheGradient() {
        Map<String, Double> one = gradients(objective(0), 0, 2, 9, -1);
        gradients(objective(0), 0, -1, 9, 2)
                .forEach((name, gradient) ->
                        assertThat(gradient).as(name).isCloseTo(-one.get(name), withinPercentage(0.01)));
    }

    @Test
    void equalAdvantagesAreNoPair() {
        Loss loss = loss(objective(1), 2, 2, 9, 2);
        assertThat(loss.value().getDouble()).isZero();
        assertThat(loss.metrics().values()).doesNotContainKey("preference_margin");
        gradients(objective(1), 2, 2, 9, 2)
                .forEach((name, gradient) -> assertThat(gradient).as(name).isZero());
    }

    @Test
    void aStepAlongTheGradientWidensTheMargin() {
        double gradient = gradients(objective(0), 0.5, 2, 9, -1).get("offset");
        flow.move("offset", -1e-3 * Math.signum(gradient));
        Map<String, Double> after = loss(objective(0), 0.5, 2, 9, -1).metrics().values();
        assertThat(after.get("preference_margin")).isPositive();
        assertThat(after).containsEntry("preference_accuracy", 1.0);
    }

    @Test
    void settingsThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> new DpoObjective.Config(0, 0, PredictionError.OUTPUT, 1, TIMES))
                .hasMessageContaining("beta");
        assertThatThrownBy(() -> objective(-1)).hasMessageContaining("anchor");
        assertThatThrownBy(() -> new DpoObjective.Config(1, 0, PredictionError.OUTPUT, 0, TIMES))
                .hasMessageContaining("draws");
    }
}
