package org.imagerl.flow.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.flow.guard.NormalisedRatio;
import org.imagerl.flow.testing.LineFlow;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.ImportanceRatio;
import org.imagerl.toolkit.recipe.PredictedClean;
import org.imagerl.toolkit.recipe.RatioClip;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.recipe.UniformWeight;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollouts of a flow with noise in a window: what is kept of them, and what training finds. */
class WindowedRolloutsTest {
    private static final int STEPS = 8;
    private static final Dynamics WINDOW = FlowSde.dynamics(new FlowSde.Config(0.7, new Window.Fixed(2, 3), false));

    private final LineFlow flow = new LineFlow();

    @AfterEach
    void close() {
        flow.close();
    }

    @ParameterizedTest
    @EnumSource(value = Sampler.Keep.class, names = "PATH", mode = EnumSource.Mode.EXCLUDE)
    void onlyTheWindowIsKept(Sampler.Keep keep) {
        Trajectories rollout = flow.rollout(WINDOW, STEPS, keep, 2);
        boolean transitions = keep != Sampler.Keep.LAST;
        for (int step = 0; step < STEPS; step++) {
            boolean inside = transitions && step >= 2 && step <= 4;
            assertThat(rollout.trainable(step)).as("step %d is trainable", step).isEqualTo(inside);
            assertThat(rollout.logDensities().get(step) != null).isEqualTo(inside);
            assertThat(rollout.noise(step) != null).isEqualTo(inside && keep == Sampler.Keep.NOISE);
            boolean state = transitions && step >= 2 && step <= 5;
            assertThat(rollout.states().get(step) != null)
                    .as("state %d is kept", step)
                    .isEqualTo(state);
        }
        assertThat(rollout.state(STEPS)).isNotNull();
    }

    @Test
    void whatIsKeptDoesNotChangeTheImage() {
        float[] last = state(flow.rollout(WINDOW, STEPS, Sampler.Keep.LAST, 2));
        assertThat(state(flow.rollout(WINDOW, STEPS, Sampler.Keep.NOISE, 2))).containsExactly(last);
        float[] other = state(flow.rollout(
                FlowSde.dynamics(new FlowSde.Config(0.7, new Window.Fixed(3, 3), false)), STEPS, Sampler.Keep.LAST, 2));
        assertThat(other).isNotEqualTo(last);
    }

    /** What was predicted at a step, x - t v, is read off the step and its noise. */
    @ParameterizedTest
    @ValueSource(strings = {"flow-sde", "cps"})
    void thePredictionFollowsFromTheStepAndItsNoise(String name) {
        Dynamics dynamics = name.equals("cps")
                ? Cps.dynamics(new Cps.Config(0.8, new Window.All()))
                : FlowSde.dynamics(new FlowSde.Config(0.7, new Window.All(), false));
        Trajectories rollout = flow.rollout(dynamics, STEPS, Sampler.Keep.NOISE, 2);
        for (int step = 0; step < STEPS - 1; step++) {
            int at = step;
            float[][] both = Gradients.off(() -> {
                double[] times = new double[rollout.size()];
                Arrays.fill(times, rollout.kernel().timestep(at));
                NDArray x = rollout.state(at);
                NDArray v = flow.policy.output(WeightSet.LIVE, x, times, rollout);
                double t = flow.policy.schedule().at(times[0]).time();
                return new float[][] {
                    PredictedClean.of(rollout, at).toFloatArray(),
                    x.sub(v.mul(t)).toFloatArray()
                };
            });
            for (int i = 0; i < both[0].length; i++) {
                assertThat(both[0][i]).as("step %d, element %d", step, i).isCloseTo(both[1][i], within(2e-3f));
            }
        }
    }

    private static float[] state(Trajectories rollout) {
        return rollout.state(STEPS).toFloatArray();
    }

    private static Batch batch(Trajectories rollout) {
        int[] steps = IntStream.range(0, STEPS).filter(rollout::trainable).toArray();
        return new Batch(rollout, new double[] {1, -0.5, 2}, steps, true, 0, new int[] {0, 1, 2});
    }

    private Loss loss(Ratio ratio, TransitionLikelihood.Density density, Batch batch, int pass) {
        Recipe recipe = new Recipe(
                new TransitionLikelihood(new TransitionLikelihood.Config(density)),
                ratio,
                new RatioClip(new RatioClip.Config(1e-4, null)),
                new UniformWeight(),
                Map.of());
        return Gradients.record(recording -> recipe.loss(flow.policy, batch, pass));
    }

    @ParameterizedTest
    @ValueSource(strings = {"flow-sde", "dance-sde", "cps"})
    void everyRatioIsOneToTheBitBeforeTheFirstUpdate(String name) {
        Dynamics dynamics = switch (name) {
            case "flow-sde" -> FlowSde.dynamics(new FlowSde.Config(0.7, new Window.All(), true));
            case "dance-sde" -> DanceSde.dynamics(new DanceSde.Config(0.3, new Window.All(), true));
            default -> Cps.dynamics(new Cps.Config(0.8, new Window.All()));
        };
        Batch batch = batch(flow.rollout(dynamics, STEPS, Sampler.Keep.NOISE, 3));
        assertThat(batch.trainedSteps()).hasSize(name.equals("cps") ? STEPS - 1 : STEPS);
        for (int pass = 0; pass < batch.trainedSteps().length; pass++) {
            for (TransitionLikelihood.Density density : TransitionLikelihood.Density.values()) {
                requireOne(loss(new ImportanceRatio(), density, batch, pass));
                requireOne(loss(new NormalisedRatio(), density, batch, pass));
            }
        }
    }

    private static void requireOne(Loss loss) {
        assertThat(loss.metrics().values()).containsEntry("ratio", 1.0).containsEntry("on_policy_deviation_max", 0.0);
        assertThat(loss.value().getFloat()).isEqualTo(-2.5f / 3);
    }

    /** The squared distance is the density times 2 S^2, and so are differences of it. */
    @Test
    void theRatioOfSquaredDistancesIsThatOfDensitiesToThePowerOfTwiceTheVariance() {
        Batch batch = batch(flow.rollout(WINDOW, STEPS, Sampler.Keep.TRANSITIONS, 3));
        TransitionKernel kernel = batch.trajectories().kernel();
        flow.move("offset", 0.01);
        for (int pass = 0; pass < 3; pass++) {
            double std = kernel.std(batch.trainedSteps()[pass]);
            double gaussian = approximateKl(TransitionLikelihood.Density.GAUSSIAN, batch, pass);
            double distance = approximateKl(TransitionLikelihood.Density.SQUARED_DISTANCE, batch, pass);
            assertThat(Math.sqrt(distance / gaussian)).isCloseTo(2 * std * std, withinPercentage(0.5));
        }
    }

    private double approximateKl(TransitionLikelihood.Density density, Batch batch, int pass) {
        return loss(new ImportanceRatio(), density, batch, pass)
                .metrics()
                .values()
                .get("approx_kl");
    }
}
