package org.imagerl.flow.nft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.TreeSet;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.Times;
import org.imagerl.flow.testing.LineFlow;
import org.imagerl.flow.testing.LineFlowContract;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
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

/** DiffusionNFT on the smallest flow model. */
class NftObjectiveTest {
    private static final int STEPS = 10;
    private static final double LIMIT = 5;
    private static final Times PUBLISHED = new Times.Discrete(0, 0.99);

    private final LineFlow flow = new LineFlow(WeightSet.BEHAVIOUR);
    private final Trajectories rollout = flow.rollout(new OdeDynamics(), STEPS, Sampler.Keep.LAST, 4);

    @AfterEach
    void close() {
        flow.close();
    }

    private static NftObjective objective(double beta, double penalty) {
        return new NftObjective(new NftObjective.Config(beta, LIMIT, penalty, 9, PUBLISHED));
    }

    private Batch batch(boolean onPolicy, double... advantages) {
        return new Batch(rollout, advantages, new int[0], onPolicy, 77, new int[] {0, 1, 2, 3});
    }

    private Map<String, Double> gradients(NftObjective objective, Batch batch) {
        return flow.gradients(() -> objective.loss(flow.policy, batch, 4).value());
    }

    private Loss loss(NftObjective objective, Batch batch) {
        return Gradients.record(recording -> objective.loss(flow.policy, batch, 4));
    }

    @Test
    void imagesThatAreNeitherGoodNorBadMoveNothingBeforeTheFirstUpdate() {
        double scale = gradients(objective(0.5, 0), batch(true, 5, 5, 5, 5)).get("offset");
        gradients(objective(0.5, 0), batch(true, 0, 0, 0, 0))
                .forEach(
                        (name, gradient) -> assertThat(gradient).as(name).isCloseTo(0, within(1e-6 * Math.abs(scale))));
    }

    @Test
    void oppositeAdvantagesHaveOppositeGradientsBeforeTheFirstUpdate() {
        Map<String, Double> more = gradients(objective(0.1, 0), batch(true, 5, -1, 2, 9));
        Map<String, Double> less = gradients(objective(0.1, 0), batch(true, -5, 1, -2, -9));
        more.forEach((name, gradient) -> {
            assertThat(gradient).as(name).isNotZero();
            assertThat(less.get(name)).as(name).isCloseTo(-gradient, withinPercentage(0.01));
        });
    }

    /** Only good images, beta 1: the loss of pretraining, each image's error divided by its own size. */
    @Test
    void goodImagesAreLearnedByTheMatchingLoss() {
        flow.weights.beforeUpdates();
        flow.move("slope", 0.2); // the behaviour policy has no part in it
        Batch good = batch(false, 5, 5, 5, 5);
        Map<String, Double> expected = flow.gradients(() -> {
            NoisedImages noised = NoisedImages.draw(flow.policy, good, PUBLISHED, 4, 9, good.samples());
            NDArray output = noised.output(flow.policy, WeightSet.LIVE, good);
            double[] times = noised.times();
            NDArray sizes = Kernels.meanPerSample(
                    output.stopGradient().sub(noised.target()).abs());
            NDArray errors = noised.errors(output, PredictionError.VELOCITY);
            NDArray weighted = errors.mul(PerSample.like(errors, times)).div(sizes);
            return Kernels.scale(weighted.mean(), LIMIT);
        });
        gradients(objective(1, 0), good)
                .forEach((name, gradient) ->
                        assertThat(gradient).as(name).isCloseTo(expected.get(name), withinPercentage(0.01)));
    }

    @Test
    void theBehaviourPolicyIsThatOfBeforeTheUpdates() {
        flow.weights.beforeUpdates();
        double[] advantages = {5, -1, 2, -3};
        Loss before = loss(objective(0.5, 0), batch(false, advantages));
        assertThat(before.value().getDouble())
                .isEqualTo(
                        loss(objective(0.5, 0), batch(true, advantages)).value().getDouble());
        assertThat(before.metrics().values())
                .containsEntry("behaviour_distance", 0.0)
                .containsEntry("optimality", 0.5 + 0.3 / 4);
        flow.move("offset", 0.2);
        assertThat(loss(objective(0.5, 0), batch(false, advantages))
                        .metrics()
                        .values()
                        .get("behaviour_distance"))
                .isCloseTo(0.04, within(1e-6));
    }

    @Test
    void theReferenceWeightsAreAskedForOnlyWithAPenalty() {
        flow.move("offset", 0.2);
        Loss held = loss(objective(1, 0.5), batch(true, 1, 2, 3, 4));
        Loss free = loss(objective(1, 0), batch(true, 1, 2, 3, 4));
        assertThat(held.metrics().values().get("penalty")).isCloseTo(0.5 * 0.04, within(1e-6));
        assertThat(held.value().getDouble() - free.value().getDouble()).isCloseTo(0.5 * 0.04, within(1e-6));
        assertThat(free.metrics().values()).doesNotContainKey("penalty");
        assertThat(objective(1, 0.5).needs().weights())
                .containsExactlyInAnyOrder(WeightSet.BEHAVIOUR, WeightSet.REFERENCE);
        assertThat(objective(1, 0).needs().weights()).containsExactly(WeightSet.BEHAVIOUR);
    }

    /** As published: all steps of the sampler but the last, each once. */
    @Test
    void everyStepButTheLastIsATime() {
        TreeSet<Double> times = new TreeSet<>();
        for (int draw = 0; draw < 9; draw++) {
            times.add(PUBLISHED.timestep(rollout.kernel(), flow.policy.schedule(), draw, 9, 0.7));
        }
        TreeSet<Double> steps = new TreeSet<>();
        for (int step = 0; step < STEPS - 1; step++) {
            steps.add(rollout.kernel().timestep(step));
        }
        assertThat(times).isEqualTo(steps);
    }

    @Test
    void settingsThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> objective(0, 0)).hasMessageContaining("beta");
        assertThatThrownBy(() -> objective(1, -1)).hasMessageContaining("reference_coefficient");
        assertThatThrownBy(() -> new NftObjective.Config(1, 0, 0, 9, PUBLISHED))
                .hasMessageContaining("advantage_limit");
        assertThatThrownBy(() -> new NftObjective.Config(1, 1, 0, 0, PUBLISHED)).hasMessageContaining("draws");
        assertThatThrownBy(() -> objective(1, 0).checkSteps(1)).isInstanceOf(UserException.class);
    }

    @Nested
    class EveryObjective extends LineFlowContract {
        EveryObjective() {
            super(flow, () -> objective(0.5, 0.5), () -> batch(false, 5, -1, 2, 9));
        }
    }
}
