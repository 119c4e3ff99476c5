package org.imagerl.flow.supervised;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.imagerl.flow.dynamics.FlowSde;
import org.imagerl.flow.dynamics.Window;
import org.imagerl.flow.matching.Times;
import org.imagerl.flow.testing.LineFlow;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On the smallest flow model, whose velocity is a line. */
class DistillationObjectiveTest {
    private static final int SIZE = 4;

    private final LineFlow flow = new LineFlow();

    @AfterEach
    void close() {
        flow.close();
    }

    private static DistillationObjective objective(StudentStates states) {
        return new DistillationObjective(new DistillationObjective.Config(states, null, 1), Path.of("."));
    }

    private Batch batch(Dynamics dynamics, int steps) {
        Trajectories rollouts = flow.rollout(dynamics, steps, Sampler.Keep.PATH, SIZE);
        return new Batch(rollouts, new double[SIZE], new int[0], true, 5, new int[] {0, 1, 2, 3});
    }

    private double loss(DistillationObjective objective, Batch batch, int pass) {
        return Gradients.record(recording -> objective.loss(flow.policy, batch, pass))
                .value()
                .getFloat();
    }

    /** The distance of two lines with one slope is that of their offsets. */
    @Test
    void theStudentIsDrawnToTheTeacherOnNoisyImages() {
        DistillationObjective objective = objective(new StudentStates.Renoised(1, new Times.Uniform(0, 1)));
        Batch batch = batch(new OdeDynamics(), 3);
        assertThat(loss(objective, batch, 0)).isZero();
        flow.gradients(() -> objective.loss(flow.policy, batch, 0).value())
                .forEach((name, gradient) -> assertThat(gradient).as(name).isZero());
        flow.move("offset", 0.5);
        assertThat(loss(objective, batch, 0)).isCloseTo(0.25, within(1e-6));
        assertThat(flow.gradients(() -> objective.loss(flow.policy, batch, 0).value())
                        .get("offset"))
                .isCloseTo(1, within(1e-5));
        assertThat(objective.needs().weights()).containsExactly(WeightSet.REFERENCE);
        assertThat(objective.trainsWithAnyGuidance()).isTrue();
        assertThat(objective.maximisesRewards()).isFalse();
        assertThatThrownBy(() -> new StudentStates.Renoised(0, new Times.Uniform(0, 1)))
                .hasMessageContaining("draws");
    }

    /** Means differ by the step times the offset: half its square, over the variance of the transition where there is one. */
    @Test
    void onItsOwnStatesItIsTheDivergenceOfTransitions() {
        DistillationObjective objective = objective(new StudentStates.Sampled(1));
        Batch plain = batch(new OdeDynamics(), 3);
        Batch noisy = batch(FlowSde.dynamics(new FlowSde.Config(0.7, new Window.All(), false)), 3);
        assertThat(objective.needs().path()).isTrue();
        assertThat(objective.passes(plain)).isEqualTo(3);
        flow.move("offset", 0.5);
        for (int step = 0; step < 3; step++) {
            TransitionKernel kernel = plain.trajectories().kernel();
            double apart = kernel.stepSize(step) * 0.5;
            assertThat(loss(objective, plain, step)).isCloseTo(apart * apart / 2, withinPercentage(0.01));
            TransitionKernel sde = noisy.trajectories().kernel();
            double std = sde.std(step);
            double moved = sde.meanPerOutput(step) * 0.5;
            assertThat(loss(objective, noisy, step))
                    .isCloseTo(moved * moved / (2 * (std > 0 ? std * std : 1)), withinPercentage(0.01));
        }
    }

    /** The teacher's two steps of Euler's method by hand: from x_k with v = 0.3 x + 0.1. */
    @Test
    void aTeacherOfMoreStepsSaysWhereItArrives() {
        Batch batch = batch(new OdeDynamics(), 3);
        TransitionKernel kernel = batch.trajectories().kernel();
        DistillationObjective objective = objective(new StudentStates.Sampled(2));
        for (int step = 0; step < 3; step++) {
            double half = kernel.stepSize(step) / 2;
            double squares = 0;
            float[] states = batch.trajectories().state(step).toFloatArray();
            for (float x : states) {
                double middle = x - half * (0.3 * x + 0.1);
                double arrived = middle - half * (0.3 * middle + 0.1);
                double student = x - 2 * half * (0.3 * x + 0.1);
                squares += (student - arrived) * (student - arrived) / states.length;
            }
            assertThat(loss(objective, batch, step))
                    .isCloseTo(squares / 2, withinPercentage(1)); // of float32, in which the means are almost equal
        }
        objective.check(kernel);
        TransitionKernel noisy = batch(FlowSde.dynamics(new FlowSde.Config(0.7, new Window.All(), false)), 3)
                .trajectories()
                .kernel();
        assertThatThrownBy(() -> objective.check(noisy)).hasMessageContaining("the rollouts add noise in step 0");
        objective(new StudentStates.Sampled(1)).check(noisy);
        assertThatThrownBy(() -> new StudentStates.Sampled(0)).hasMessageContaining("teacher_calls");
    }

    /** Variance-preserving, with v-prediction, of images that are all 2: {@code v = alpha eps - sigma x0}. */
    private static final class OneImage implements Schedule, Policy {
        @Override
        public String description() {
            return "cosine";
        }

        @Override
        public AlphaSigma at(double timestep) {
            double alpha = Math.cos(1.5 * timestep);
            double sigma = Math.sin(1.5 * timestep);
            return new AlphaSigma(alpha, sigma, -sigma, alpha);
        }

        @Override
        public double timestep(double position) {
            return position;
        }

        /** DDIM. */
        @Override
        public TransitionKernel ode(int steps) {
            return new Ddim(this, steps);
        }

        @Override
        public NDArray output(WeightSet weights, NDArray latents, double[] timesteps, Trajectories batch) {
            AlphaSigma at = at(timesteps[0]);
            double onEps = at.alpha() / at.sigma();
            return Kernels.shift(Kernels.scale(latents, onEps), 2 * (-at.sigma() - onEps * at.alpha()));
        }

        @Override
        public Schedule schedule() {
            return this;
        }
    }

    /** From times 0.8 (1 - k / N) to the next, {@code x' = alpha' x0 + sigma' eps}. */
    private record Ddim(Schedule schedule, int steps) implements TransitionKernel {
        @Override
        public double timestep(int step) {
            return 0.8 * (steps - step) / steps;
        }

        @Override
        public double std(int step) {
            return 0;
        }

        @Override
        public double stepSize(int step) {
            return 1.0 / steps;
        }

        @Override
        public double meanPerOutput(int step) {
            AlphaSigma from = schedule.at(timestep(step));
            AlphaSigma to = schedule.at(timestep(step + 1));
            return -to.alpha() * from.sigma() + to.sigma() * from.alpha();
        }

        @Override
        public NDArray mean(int step, NDArray latents, NDArray output) {
            AlphaSigma from = schedule.at(timestep(step));
            AlphaSigma to = schedule.at(timestep(step + 1));
            double onLatent = to.alpha() * from.alpha() + to.sigma() * from.sigma();
            return Kernels.combine(latents, onLatent, output, meanPerOutput(step));
        }
    }

    /** Where the way is straight, any number of steps arrives where one does: the one image, with what noise is left. */
    @Test
    void everyFamilyOfModelsIsAFlow() {
        OneImage model = new OneImage();
        NDArray x = Kernels.randn(flow.manager(), 3, new Shape(1, 2, 8, 8));
        List<Prompt> prompts = List.of(Prompt.of("a", "a"));
        for (int step = 0; step < 2; step++) {
            NDArray[] states = new NDArray[3];
            Arrays.fill(states, x);
            Trajectories rollouts = new Trajectories(
                    model.ode(2),
                    prompts,
                    new Conditioning(Map.of(), Map.of()),
                    Arrays.asList(states),
                    Arrays.asList(null, null));
            float[] one = model.mean(WeightSet.REFERENCE, step, rollouts).toFloatArray();
            for (int calls : new int[] {1, 3}) {
                NDArray walked = SubSteps.of(model, rollouts, step, calls).walk(model, WeightSet.REFERENCE, rollouts);
                assertThat(walked.toFloatArray())
                        .usingComparatorWithPrecision(1e-4f)
                        .containsExactly(one);
            }
        }
    }
}
