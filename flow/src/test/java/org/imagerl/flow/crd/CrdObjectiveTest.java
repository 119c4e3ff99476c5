package org.imagerl.flow.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.Map;
import org.imagerl.flow.matching.Times;
import org.imagerl.flow.testing.LineFlow;
import org.imagerl.flow.testing.LineFlowContract;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Centered reward distillation on the smallest flow model: two prompts, whose images lie mixed. */
class CrdObjectiveTest {
    private static final Times TIMES = new Times.Uniform(0.2, 0.9);

    private final LineFlow flow = new LineFlow(WeightSet.BEHAVIOUR);
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

    private static CrdObjective objective(CrdObjective.Form form, Double temperature, double penalty) {
        return new CrdObjective(new CrdObjective.Config(1, form, false, temperature, 5, penalty, true, 3, TIMES));
    }

    private Batch batch(boolean onPolicy, double... advantages) {
        return new Batch(rollout, advantages, new int[0], onPolicy, 77, new int[] {7, 4, 9, 5});
    }

    private Map<String, Double> gradients(CrdObjective objective, double... advantages) {
        return flow.gradients(
                () -> objective.loss(flow.policy, batch(true, advantages), 1).value());
    }

    private Loss loss(CrdObjective objective, boolean onPolicy, double... advantages) {
        return Gradients.record(recording -> objective.loss(flow.policy, batch(onPolicy, advantages), 1));
    }

    @ParameterizedTest
    @EnumSource(CrdObjective.Form.class)
    void promptsWhoseImagesScoreAlikeMoveNothingBeforeTheFirstUpdate(CrdObjective.Form form) {
        gradients(objective(form, null, 0), 3, -1, 3, -1)
                .forEach((name, gradient) -> assertThat(gradient).as(name).isCloseTo(0, within(1e-7)));
    }

    @ParameterizedTest
    @EnumSource(CrdObjective.Form.class)
    void whatAllImagesOfAPromptHaveMoreChangesNothing(CrdObjective.Form form) {
        for (Double temperature : new Double[] {null, 0.3}) {
            CrdObjective objective = objective(form, temperature, 0);
            Map<String, Double> plain = gradients(objective, 1, 0.5, -2, 2);
            gradients(objective, 3, 0, 0, 1.5).forEach((name, gradient) -> {
                assertThat(gradient).as(name).isNotZero();
                assertThat(gradient).as(name).isCloseTo(plain.get(name), withinPercentage(0.01));
            });
        }
    }

    /** Rewards of opposite signs have opposite gradients, as those of a policy gradient. */
    @Test
    void oppositeAdvantagesHaveOppositeGradientsBeforeTheFirstUpdate() {
        CrdObjective objective = objective(CrdObjective.Form.SQUARED, null, 0);
        Map<String, Double> more = gradients(objective, 1, 0.5, -2, 2);
        gradients(objective, -1, -0.5, 2, -2)
                .forEach((name, gradient) ->
                        assertThat(gradient).as(name).isCloseTo(-more.get(name), withinPercentage(0.01)));
    }

    @Test
    void theImpliedRewardIsWhatTheBehaviourPolicyMatchedWorse() {
        CrdObjective objective = objective(CrdObjective.Form.SQUARED, null, 0.5);
        flow.weights.beforeUpdates();
        Map<String, Double> before =
                loss(objective, false, 1, 2, 3, 4).metrics().values();
        assertThat(before).containsEntry("implicit_reward", 0.0).containsEntry("penalty", 0.0);
        flow.move("offset", 0.2);
        Map<String, Double> after = loss(objective, false, 1, 2, 3, 4).metrics().values();
        assertThat(after.get("implicit_reward"))
                .isCloseTo(before.get("matching_error") - after.get("matching_error"), within(1e-6));
        assertThat(after.get("behaviour_distance")).isCloseTo(0.04, within(1e-6));
        // The mean of r is 0.75, and the worst images are held by 1e-4.
        assertThat(after.get("penalty")).isCloseTo(0.5 * 0.04 * (2e-4 + 0.75 * (1 - 2e-4)), within(1e-7));
    }

    @Test
    void settingsThatMeanNothingAreRefused() {
        assertThat(objective(CrdObjective.Form.SQUARED, null, 0).unit()).isEqualTo(TrainingUnit.GROUP);
        assertThatThrownBy(() -> objective(CrdObjective.Form.SQUARED, 0.0, 0)).hasMessageContaining("temperature");
        assertThatThrownBy(() -> objective(CrdObjective.Form.SQUARED, null, -1))
                .hasMessageContaining("reference_coefficient");
    }

    @Nested
    class EveryObjective extends LineFlowContract {
        EveryObjective() {
            super(flow, () -> objective(CrdObjective.Form.SQUARED, 0.3, 0.5), () -> batch(false, 1, 0.5, -2, 2));
        }
    }
}
