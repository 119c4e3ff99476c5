package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Context;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.reward.DifferentiableReward;
import org.imagerl.spi.reward.LatentReward;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.path.PathEnd;
import org.imagerl.toolkit.path.RewardGradientObjective;
import org.imagerl.toolkit.path.RewardGradientObjective.Config;
import org.imagerl.toolkit.path.RewardGradientObjective.Weighed;
import org.imagerl.toolkit.path.Truncation;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.recipe.ScoreFunction;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.recipe.Unclipped;
import org.imagerl.toolkit.recipe.UniformWeight;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On a whole checkpoint with guidance: sampler, decoder and a reward that is linear in the image. */
class RewardGradientObjectiveTest {
    private static final Truncation WHOLE = new Truncation.None();
    private static final PathEnd FINISHED = new PathEnd.Finished();
    private static final Context CONTEXT = new Context(Path.of("."), "cpu", 1, warning -> {});

    private static TinyPolicy tiny;
    private static Trajectories rollout;

    @BeforeAll
    static void sample() {
        tiny = TinyPolicy.trained(TinyPolicy.ATTENTION, 3);
        rollout = tiny.rollout();
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    /** The mean of all values of an image, times a factor. */
    private record Light(double factor) implements DifferentiableReward {
        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, true, "light");
        }

        @Override
        public NDArray scores(NDArray images, List<Prompt> prompts) {
            return Kernels.scale(Kernels.meanPerSample(images), factor);
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            throw new AssertionError("only its gradient is asked for");
        }
    }

    /** The mean of all numbers of the latents, which nobody need decode. */
    private record LatentMean() implements LatentReward {
        @Override
        public Spec spec() {
            return new Light(1).spec();
        }

        @Override
        public void checkLatents(LatentSpace space) {}

        @Override
        public NDArray latentScores(NDArray latents, List<Prompt> prompts) {
            return Kernels.meanPerSample(latents);
        }
    }

    private record Made(String type, Reward reward) implements PartConfig<Reward> {
        @Override
        public Reward create(Context context) {
            return reward;
        }
    }

    private static Weighed light(double factor, Double weight) {
        return new Weighed(new Made("light", new Light(factor)), weight);
    }

    private static Config config(Weighed... rewards) {
        return new Config(List.of(rewards), WHOLE, FINISHED, false, 0, null, 0);
    }

    private static Batch batch() {
        return TinyPolicy.batch(rollout, 1, -1, 0.5, -0.5);
    }

    private static Map<String, float[]> gradients(Config config) {
        try (RewardGradientObjective objective = new RewardGradientObjective(config, CONTEXT)) {
            return tiny.gradientsOf(() -> objective.backward(tiny.policy, batch(), 1));
        }
    }

    @Test
    void noArrayIsLeftBehind() {
        try (RewardGradientObjective objective = new RewardGradientObjective(config(light(1, null)), CONTEXT)) {
            objective.backward(tiny.policy, batch(), 1);
            int before = tiny.pipeline.manager().getManagedArrays().size();
            objective.backward(tiny.policy, batch(), 1);
            assertThat(tiny.pipeline.manager().getManagedArrays()).hasSize(before);
            tiny.gradientsOf(() -> {}); // forgets them
        }
    }

    /** Rollouts of the same seeds have the same noises, so that this is the derivative in hindsight. */
    @Test
    void theScoreIsThatOfTheRolloutsAndTheGradientIsThatOfItsFiniteDifferences() {
        Config config = config(light(1, 2.0));
        Metrics[] metrics = new Metrics[1];
        Map<String, float[]> gradients;
        try (RewardGradientObjective objective = new RewardGradientObjective(config, CONTEXT)) {
            gradients = tiny.gradientsOf(() -> metrics[0] = objective.backward(tiny.policy, batch(), 1));
        }
        assertThat(metrics[0].values().get("score")).isCloseTo(2 * light(rollout), within(1e-5));
        double norm = norm(gradients);
        double slope = tiny.slope(gradients, 0.02 / norm, () -> -2 * light(tiny.rollout()));
        assertThat(slope).isPositive().isCloseTo(norm * norm, within(2e-2 * norm * norm));
    }

    private static double light(Trajectories trajectories) {
        return Gradients.off(() -> tiny.policy.decode(trajectories.state(TinyPolicy.STEPS)))
                .toType(DataType.FLOAT64, true)
                .mean()
                .getDouble();
    }

    private static double norm(Map<String, float[]> gradients) {
        double sum = 0;
        for (float[] gradient : gradients.values()) {
            for (float value : gradient) {
                sum += (double) value * value;
            }
        }
        return Math.sqrt(sum);
    }

    @Test
    void rewardsOfLatentsHaveTheGradientOfFiniteDifferences() {
        Map<String, float[]> gradients = gradients(config(new Weighed(new Made("mean", new LatentMean()), 1.0)));
        double norm = norm(gradients);
        double slope = tiny.slope(
                gradients,
                0.02 / norm,
                () -> -tiny.rollout()
                        .state(TinyPolicy.STEPS)
                        .toType(DataType.FLOAT64, true)
                        .mean()
                        .getDouble());
        assertThat(slope).isPositive().isCloseTo(norm * norm, within(2e-2 * norm * norm));
    }

    @Test
    void rewardsAddUp() {
        Map<String, float[]> both = gradients(config(light(1, 0.5), light(2, 1.25)));
        Map<String, float[]> one = gradients(config(light(3, null)));
        both.forEach((name, gradient) -> Close.require(name, gradient, one.get(name), 1e-3));
    }

    @Test
    void aboveTheCeilingThereIsNoGradient() {
        Config low = new Config(List.of(light(1, null)), WHOLE, FINISHED, false, 0, -5.0, 0);
        gradients(low).forEach((name, gradient) -> assertThat(gradient).as(name).containsOnly(0));
    }

    /** All of the same rollouts, at the same weights. */
    @Test
    void aScoreFunctionPartIsThatOfARecipe() {
        Config mixed = new Config(List.of(light(1, null)), WHOLE, FINISHED, false, 0, null, 0.25);
        Recipe recipe = new Recipe(
                new TransitionLikelihood(), new ScoreFunction(), new Unclipped(), new UniformWeight(), Map.of());
        try (RewardGradientObjective objective = new RewardGradientObjective(mixed, CONTEXT)) {
            assertThat(objective.passes(batch())).isEqualTo(TinyPolicy.STEPS);
            assertThat(objective.maximisesRewards()).isTrue();
            assertThat(objective.needs().density()).isTrue();
            Map<String, float[]> expected = tiny.gradients(
                    () -> Kernels.scale(recipe.loss(tiny.policy, batch(), 2).value(), 0.25));
            Map<String, float[]> actual = tiny.gradients(objective, batch(), 2);
            actual.forEach((name, gradient) -> assertThat(gradient).as(name).containsExactly(expected.get(name)));
        }
        try (RewardGradientObjective plain = new RewardGradientObjective(config(light(1, null)), CONTEXT)) {
            assertThat(plain.passes(batch())).isZero();
            assertThat(plain.maximisesRewards()).isFalse();
            assertThat(plain.needs().density()).isFalse();
            assertThat(plain.needs().path()).isTrue();
            assertThat(plain.needs().onPolicy()).isTrue();
        }
    }

    @Test
    void whatHasNoGradientIsRefused() {
        Reward plain = new Reward() {
            @Override
            public Spec spec() {
                return new Light(1).spec();
            }

            @Override
            public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
                return List.of();
            }
        };
        Config config = config(new Weighed(new Made("ocr", plain), null));
        assertThatThrownBy(() -> new RewardGradientObjective(config, CONTEXT))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("ocr has no gradient back to the image", "jpeg-estimate");
        assertThatThrownBy(RewardGradientObjectiveTest::config).hasMessageContaining("at least one reward");
        assertThatThrownBy(() -> light(1, 0.0)).hasMessageContaining("other than 0");
        assertThatThrownBy(() -> new Config(List.of(light(1, null)), WHOLE, FINISHED, false, 0, null, -1))
                .hasMessageContaining("score_function must be at least 0");
    }
}
