package org.imagerl.flow.awm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import org.imagerl.flow.matching.Times;
import org.imagerl.flow.testing.LineFlow;
import org.imagerl.flow.testing.LineFlowContract;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.ImportanceRatio;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.recipe.PredictionKl;
import org.imagerl.toolkit.recipe.RatioClip;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.recipe.UniformWeight;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Advantage Weighted Matching on the smallest flow model. */
class MatchingLikelihoodTest {
    private static final int SIZE = 4;
    private static final double DELTA = 1e-2;

    private final LineFlow flow = new LineFlow(WeightSet.BEHAVIOUR, WeightSet.EMA);
    private final Trajectories rollout = flow.rollout(new OdeDynamics(), 8, Sampler.Keep.LAST, SIZE);

    @AfterEach
    void close() {
        flow.close();
    }

    private static MatchingLikelihood likelihood(Weighting weighting) {
        return new MatchingLikelihood(new MatchingLikelihood.Config(
                weighting, 0.25, 3, new Times.Discrete(1, 0.9), PredictionError.VELOCITY));
    }

    private static Recipe recipe(Weighting weighting, Map<String, Penalty> penalties) {
        return new Recipe(
                likelihood(weighting),
                new ImportanceRatio(),
                new RatioClip(new RatioClip.Config(1.0, null)),
                new UniformWeight(),
                penalties);
    }

    private Batch batch(boolean onPolicy, double... advantages) {
        return new Batch(rollout, advantages, new int[0], onPolicy, 77, new int[] {0, 1, 2, 3});
    }

    private static double[] all(double advantage) {
        double[] advantages = new double[SIZE];
        Arrays.fill(advantages, advantage);
        return advantages;
    }

    private Loss evaluate(Recipe recipe, Batch batch, int pass) {
        return Gradients.record(recording -> recipe.loss(flow.policy, batch, pass));
    }

    private double[] logLikelihoods(MatchingLikelihood likelihood, Batch batch, int pass) {
        return Gradients.off(() -> likelihood.evaluate(flow.policy, batch, pass).logDensity())
                .toDoubleArray();
    }

    /** The slope of a number by a trained one, as a central difference. */
    private double slope(String name, Supplier<Double> function) {
        flow.move(name, DELTA);
        double above = function.get();
        flow.move(name, -2 * DELTA);
        double below = function.get();
        flow.move(name, DELTA);
        return (above - below) / (2 * DELTA);
    }

    @ParameterizedTest
    @EnumSource(Weighting.class)
    void theRatioIsOneToTheBitAndTheLossMinusTheMeanAdvantage(Weighting weighting) {
        for (int pass = 0; pass < 3; pass++) {
            Loss loss = evaluate(recipe(weighting, Map.of()), batch(true, 1, -0.5, 0.25, 2), pass);
            assertThat(loss.metrics().values())
                    .containsEntry("ratio", 1.0)
                    .containsEntry("on_policy_deviation_max", 0.0);
            assertThat(loss.value().getDouble()).isEqualTo(-2.75 / 4);
        }
    }

    /** With an advantage of 1 and uniform weights it is plain flow matching on the images; with -1 the opposite. */
    @Test
    void theGradientIsThatOfFlowMatchingTimesTheAdvantage() {
        Recipe uniform = recipe(Weighting.UNIFORM, Map.of());
        for (int pass = 0; pass < 3; pass++) {
            int fixed = pass;
            Supplier<Double> matchingLoss = () -> evaluate(uniform, batch(true, all(1)), fixed)
                    .metrics()
                    .values()
                    .get("matching_error");
            Map<String, Double> more = flow.gradients(
                    () -> uniform.loss(flow.policy, batch(true, all(1)), fixed).value());
            Map<String, Double> less = flow.gradients(
                    () -> uniform.loss(flow.policy, batch(true, all(-1)), fixed).value());
            for (String name : more.keySet()) {
                assertThat(more.get(name)).isCloseTo(slope(name, matchingLoss), withinPercentage(0.5));
                assertThat(less.get(name)).isCloseTo(-more.get(name), withinPercentage(0.01));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Weighting.class)
    void theGradientIsMinusTheAdvantageTimesThatOfTheLikelihood(Weighting weighting) {
        double[] advantages = {1, -0.5, 0.25, 2};
        Recipe recipe = recipe(weighting, Map.of());
        Supplier<Double> expected = () -> {
            double[] l = logLikelihoods(likelihood(weighting), batch(true, advantages), 1);
            double sum = 0;
            for (int i = 0; i < SIZE; i++) {
                sum -= advantages[i] * l[i] / SIZE;
            }
            return sum;
        };
        Map<String, Double> gradients = flow.gradients(
                () -> recipe.loss(flow.policy, batch(true, advantages), 1).value());
        gradients.forEach((name, gradient) ->
                assertThat(gradient).as(name).isCloseTo(slope(name, expected), withinPercentage(0.5)));
    }

    /** Velocity 0 from the current weights: the error is that of the target eps - x0 itself. */
    @Test
    void theTargetIsNoiseMinusImage() {
        flow.move("slope", -0.3);
        flow.move("offset", -0.1);
        double squares = 0;
        for (float x : rollout.state(8).toFloatArray()) {
            squares += x * x / (SIZE * 128.0);
        }
        double error = 0;
        for (int pass = 0; pass < 3; pass++) {
            error += evaluate(recipe(Weighting.UNIFORM, Map.of()), batch(true, all(1)), pass)
                            .metrics()
                            .values()
                            .get("matching_error")
                    / 3;
        }
        assertThat(error).isCloseTo(1 + squares, within(0.15));
    }

    /** Later updates compare with the weights that sampled, at the same times and noises. */
    @Test
    void theOldLikelihoodIsThatOfTheWeightsThatSampled() {
        Recipe recipe = recipe(Weighting.T, Map.of());
        flow.weights.beforeUpdates();
        double[] before = logLikelihoods(likelihood(Weighting.T), batch(false, all(1)), 2);
        assertThat(evaluate(recipe, batch(false, all(1)), 2).metrics().values()).containsEntry("ratio", 1.0);
        flow.move("slope", 0.02);
        double[] after = logLikelihoods(likelihood(Weighting.T), batch(false, all(1)), 2);
        double ratio = 0;
        for (int i = 0; i < SIZE; i++) {
            ratio += Math.exp(after[i] - before[i]) / SIZE;
        }
        assertThat(ratio).isNotCloseTo(1, within(1e-4));
        assertThat(evaluate(recipe, batch(false, all(1)), 2).metrics().values().get("ratio"))
                .isCloseTo(ratio, within(1e-9));
        flow.weights.beforeUpdates();
        assertThat(evaluate(recipe, batch(false, all(1)), 2).metrics().values()).containsEntry("ratio", 1.0);
    }

    @Test
    void timesAndNoisesDoNotDependOnHowAnUpdateIsCut() {
        MatchingLikelihood likelihood = likelihood(Weighting.GHUBER);
        double[] whole = logLikelihoods(likelihood, batch(true, all(1)), 1);
        Trajectories last = Gradients.off(() -> rollout.rows(flow.manager(), 2, 3));
        Batch half = new Batch(last, new double[] {1, 1}, new int[0], true, 77, new int[] {2, 3});
        assertThat(logLikelihoods(likelihood, half, 1))
                .containsExactly(new double[] {whole[2], whole[3]}, within(1e-6));
        Batch other = new Batch(last, new double[] {1, 1}, new int[0], true, 78, new int[] {2, 3});
        assertThat(logLikelihoods(likelihood, other, 1)[0]).isNotCloseTo(whole[2], within(1e-4));
        assertThat(logLikelihoods(likelihood, half, 2)[0]).isNotCloseTo(whole[2], within(1e-4));
    }

    @Test
    void theKlToTheStartIsZeroThereAndGrowsWithTheDistance() {
        PredictionKl.Config config =
                new PredictionKl.Config(0.5, null, PredictionKl.Weighting.UNIFORM, PredictionError.VELOCITY);
        Recipe recipe = recipe(Weighting.UNIFORM, Map.of("penalty", PredictionKl.toReference(config)));
        assertThat(evaluate(recipe, batch(true, all(0)), 0).metrics().values()).containsEntry("penalty", 0.0);
        flow.move("offset", 0.2);
        Loss moved = evaluate(recipe, batch(true, all(0)), 0);
        assertThat(moved.metrics().values().get("penalty")).isCloseTo(0.5 * 0.04, within(1e-6));
        // The gradient of 0.5 d^2 by d.
        double gradient = flow.gradients(
                        () -> recipe.loss(flow.policy, batch(true, all(0)), 0).value())
                .get("offset");
        assertThat(gradient).isCloseTo(0.2, within(1e-4));
    }

    /** The trailing average moves half of the way after each epoch. */
    @Test
    void theKlToTheTrailingAverageIsToThatAverage() {
        PredictionKl.Config config =
                new PredictionKl.Config(1, null, PredictionKl.Weighting.UNIFORM, PredictionError.VELOCITY);
        Recipe recipe = recipe(Weighting.UNIFORM, Map.of("proximal", PredictionKl.toTrailing(config)));
        flow.move("offset", 0.2);
        assertThat(evaluate(recipe, batch(true, all(0)), 0).metrics().values().get("proximal"))
                .isCloseTo(0.04, within(1e-6));
        flow.weights.afterUpdates(1);
        assertThat(evaluate(recipe, batch(true, all(0)), 0).metrics().values().get("proximal"))
                .isCloseTo(0.01, within(1e-6));
        assertThat(evaluate(recipe(Weighting.UNIFORM, Map.of()), batch(true, all(0)), 0)
                        .metrics()
                        .values())
                .doesNotContainKey("proximal");
    }

    @Test
    void theElboWeighsTimesByTheirDistanceFromNoise() {
        PredictionKl.Config config =
                new PredictionKl.Config(1, null, PredictionKl.Weighting.ELBO, PredictionError.VELOCITY);
        flow.move("offset", 0.2);
        NDArray latents = rollout.state(8);
        double[] times = {0.001, 0.25, 0.5, 1};
        double[] timesteps = Arrays.stream(times).map(t -> 1000 * t).toArray();
        double penalty = Gradients.off(() -> {
                    NDArray output = flow.policy.output(WeightSet.LIVE, latents, timesteps, rollout);
                    Likelihood.Evaluation evaluation = new Likelihood.Evaluation(
                            latents,
                            latents,
                            new Likelihood.Prediction(latents, timesteps, output),
                            null,
                            new Metrics());
                    return PredictionKl.toReference(config).penalty(flow.policy, batch(true, all(0)), evaluation);
                })
                .getFloat();
        double expected = 0;
        for (double t : new double[] {0.01, 0.25, 0.5, 1}) {
            expected +=
                    0.04 * (1 - Math.min(t, 0.99)) / (2 * 0.49 * t) / 4; // pure noise counts a hundredth, not nothing
        }
        assertThat(penalty).isCloseTo(expected, withinPercentage(0.01));
    }

    @Nested
    class EveryObjective extends LineFlowContract {
        EveryObjective() {
            super(
                    flow,
                    () -> recipe(
                            Weighting.UNIFORM,
                            Map.of(
                                    "penalty",
                                    PredictionKl.toReference(new PredictionKl.Config(
                                            0.5, null, PredictionKl.Weighting.UNIFORM, PredictionError.VELOCITY)))),
                    () -> batch(false, 1, -0.5, 0.25, 2));
        }

        @Override
        protected boolean hasPenaltiesApart() {
            return true;
        }
    }
}
