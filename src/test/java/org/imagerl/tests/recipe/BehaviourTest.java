package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.tests.Close;
import org.imagerl.toolkit.recipe.ImportanceRatio;
import org.imagerl.toolkit.recipe.KlMean;
import org.imagerl.toolkit.recipe.PredictedClean;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.recipe.StepDivergence;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.recipe.Unclipped;
import org.imagerl.toolkit.recipe.UniformWeight;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What is known of the policy that sampled without asking it again, and the distance to it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BehaviourTest {
    private static final double[] ADVANTAGES = {1, -1, 0.5, -2};

    private final TinyPolicy tiny = TinyPolicy.trained(TinyPolicy.ATTENTION, 1);
    private final Trajectories rollouts = tiny.rollout();

    @AfterAll
    void close() {
        tiny.close();
    }

    private static Recipe recipe(Penalty penalty) {
        return new Recipe(
                new TransitionLikelihood(),
                new ImportanceRatio(),
                new Unclipped(),
                new UniformWeight(),
                penalty == null ? Map.of() : Map.of("penalty", penalty));
    }

    private static KlMean klBehaviour(double coefficient) {
        return KlMean.toBehaviour(new KlMean.Config(coefficient, null, KlMean.Variance.STEP));
    }

    private Batch batch(boolean onPolicy) {
        int[] steps = IntStream.range(0, TinyPolicy.STEPS).toArray();
        return new Batch(rollouts, ADVANTAGES, steps, onPolicy, 0, new int[] {0, 1, 2, 3});
    }

    /** The first update of an epoch is the policy gradient to the bit; the distance is 0 there, computed too. */
    @Test
    void beforeTheFirstUpdateThereIsNoDistanceToTheBehaviourPolicy() {
        assertThat(recipe(klBehaviour(1)).needs().weights()).isEmpty();
        assertThat(recipe(klBehaviour(1)).needs().noise()).isTrue();
        Map<String, float[]> plain = tiny.gradients(recipe(null), batch(true), 1);
        Map<String, float[]> kept = tiny.gradients(recipe(klBehaviour(1e3)), batch(true), 1);
        plain.forEach((name, gradient) -> assertThat(kept.get(name)).as(name).containsExactly(gradient));
        double computed =
                tiny.evaluate(recipe(klBehaviour(1)), batch(false), 1).metrics().get("penalty", -1);
        assertThat(computed).isBetween(0.0, 1e-10);
    }

    /** The reference is where the policy was before it moved: there the distance to it is what MDPO's is to the behaviour policy. */
    @Test
    void afterAnUpdateItIsTheDistanceOfTheMeans() {
        try (TinyPolicy fresh = TinyPolicy.fresh(TinyPolicy.ATTENTION, 1)) {
            Trajectories sampled = fresh.rollout();
            fresh.move(0.1, 9);
            int[] steps = IntStream.range(0, TinyPolicy.STEPS).toArray();
            Batch later = new Batch(sampled, ADVANTAGES, steps, false, 0, new int[] {0, 1, 2, 3});
            for (int step = 0; step < TinyPolicy.STEPS; step++) {
                double behaviour = penalty(fresh, klBehaviour(1), later, step);
                KlMean.Config config = new KlMean.Config(1, null, KlMean.Variance.STEP);
                assertThat(behaviour)
                        .as("step %d", step)
                        .isPositive()
                        .isCloseTo(penalty(fresh, new KlMean(config), later, step), withinPercentage(1));
                StepDivergence kl = new StepDivergence(new StepDivergence.Config(
                        StepDivergence.Divergence.KL, 1, null, StepDivergence.Elements.MEAN, 1e-4));
                assertThat(behaviour).isCloseTo(penalty(fresh, kl, later, step), withinPercentage(1));
            }
        }
    }

    private static double penalty(TinyPolicy policy, Penalty penalty, Batch batch, int step) {
        return policy.evaluate(recipe(penalty), batch, step).metrics().get("penalty", -1);
    }

    /** What the denoiser predicted is read off the sampled step and its noise. */
    @Test
    void thePredictionFollowsFromTheStepAndItsNoise() {
        for (int step = 0; step < TinyPolicy.STEPS; step++) {
            int at = step;
            float[][] both = Gradients.off(() -> {
                double[] times = new double[rollouts.size()];
                java.util.Arrays.fill(times, tiny.kernel.timestep(at));
                NDArray x = rollouts.state(at);
                NDArray output = tiny.policy.output(WeightSet.LIVE, x, times, rollouts);
                return new float[][] {
                    PredictedClean.of(rollouts, at).toFloatArray(),
                    tiny.kernel.clean(at, x, output).toFloatArray()
                };
            });
            Close.require("step " + step, both[0], both[1], 2e-4);
        }
    }
}
