package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What all dynamics must do; extend it with a test of your own, in a module that has an engine. */
public abstract class DynamicsContract {
    private static final int STEPS = 4;
    private static final int SAMPLES = 2;
    private static final int ELEMENTS = 8;
    private static final Shape LATENTS = new Shape(SAMPLES, 2, 2, 2);
    private static final float ROUNDING = 1e-4f;

    private final NDManager manager = NDManager.newBaseManager();

    /** Fresh ones. */
    protected abstract Dynamics create();

    /** A schedule that they step through: that of a checkpoint whose denoiser predicts noise or the flow velocity. */
    protected abstract Schedule schedule();

    @AfterEach
    void close() {
        manager.close();
    }

    private TransitionKernel kernel() {
        Dynamics dynamics = create();
        dynamics.check(STEPS);
        return dynamics.kernel(schedule(), STEPS, 3, 17);
    }

    private static IntStream steps(TransitionKernel kernel) {
        return IntStream.range(0, kernel.steps());
    }

    /** Numbers in -0.9..0.9: latents that no rule cuts off. */
    private NDArray waves(int phase) {
        float[] values = new float[SAMPLES * ELEMENTS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.9 * Math.sin(3.3 * i * i + 1.7 * phase));
        }
        return manager.create(values, LATENTS).duplicate();
    }

    private static NDArray row(NDArray array, int row) {
        return array.get(row + ":" + (row + 1));
    }

    @Test
    public void stepsHaveTimesAndNoise() {
        TransitionKernel kernel = kernel();
        assertThat(kernel.steps()).isGreaterThanOrEqualTo(STEPS);
        double[] times = steps(kernel).mapToDouble(kernel::timestep).toArray();
        double[] stds = steps(kernel).mapToDouble(kernel::std).toArray();
        double[] sizes = steps(kernel).mapToDouble(kernel::stepSize).toArray();
        assertThat(Arrays.stream(times)).allMatch(time -> time >= 0 && Double.isFinite(time));
        for (int i = 1; i < times.length; i++) {
            assertThat(times[i]).as("time of step %d", i).isLessThanOrEqualTo(times[i - 1]);
        }
        assertThat(Arrays.stream(stds)).allMatch(std -> std >= 0 && Double.isFinite(std));
        assertThat(Arrays.stream(sizes)).allMatch(size -> size > 0 && size <= 1);
        assertThat(kernel.startStd()).isPositive().isFinite();
    }

    /** Objectives of densities are refused for dynamics without noise, by what they say of themselves. */
    @Test
    public void someStepAddsNoiseIfTheySaySo() {
        TransitionKernel kernel = kernel();
        assertThat(steps(kernel).anyMatch(step -> kernel.std(step) > 0))
                .as("some step adds noise")
                .isEqualTo(create().stochastic());
    }

    /** A resumed run gets the same steps again, wherever it goes on. */
    @Test
    public void stepsFollowFromTheEpochAndItsSeed() {
        Dynamics used = create();
        for (long epoch = 0; epoch < 3; epoch++) {
            used.kernel(schedule(), STEPS, epoch, 17 + epoch);
        }
        TransitionKernel other = used.kernel(schedule(), STEPS, 3, 17);
        TransitionKernel kernel = kernel();
        assertThat(steps(other).mapToDouble(other::std).toArray())
                .containsExactly(steps(kernel).mapToDouble(kernel::std).toArray());
        assertThat(steps(other).mapToDouble(other::timestep).toArray())
                .containsExactly(steps(kernel).mapToDouble(kernel::timestep).toArray());
    }

    /** What a perfect denoiser says of a state, if the clean latents are known. */
    private static NDArray perfect(NDArray state, NDArray clean, Mixture mixture, AlphaSigma at) {
        NDArray eps = state.sub(clean.mul((float) mixture.alpha())).div((float) mixture.sigma());
        return clean.mul((float) at.onX0()).add(eps.mul((float) at.onEps()));
    }

    private static Mixture mixture(TransitionKernel kernel, int step) {
        try {
            return kernel.mixture(step);
        } catch (UserException e) {
            assumeTrue(false, "walks of this kind begin with pure noise only");
            throw e;
        }
    }

    /**
     * A walk without the noise of steps ends at what the denoiser predicts, if it predicts the same clean latents all along. Some checkpoints have their last step
     * end with the noise of the schedule's cleanest time.
     */
    @Test
    public void aPerfectDenoiserLeadsToTheImage() {
        TransitionKernel kernel = kernel();
        NDArray clean = waves(0);
        Mixture start = mixture(kernel, 0);
        NDArray state = clean.mul((float) start.alpha()).add(waves(1).mul((float) start.sigma()));
        List<NDArray> history = List.of();
        for (int step = 0; step < kernel.steps(); step++) {
            AlphaSigma at = schedule().at(kernel.timestep(step));
            NDArray output = perfect(state, clean, mixture(kernel, step), at);
            if (kernel.std(step) > 0) {
                assertThat(kernel.clean(step, state, output).toFloatArray())
                        .as("predicted at step %d", step)
                        .containsExactly(clean.toFloatArray(), within(10 * ROUNDING));
            }
            TransitionKernel.Advance advance = kernel.advance(step, state, output, history);
            assertThat(advance.mean().getShape()).isEqualTo(LATENTS);
            state = advance.mean();
            history = advance.history();
        }
        double left = schedule().at(schedule().timestep(0)).sigma();
        assertThat(state.toFloatArray()).containsExactly(clean.toFloatArray(), within((float) left + ROUNDING));
    }

    /** A walk of one sample is that of the sample beside others; what the caller has stays as it is. */
    @Test
    public void everySampleWalksAlone() {
        TransitionKernel kernel = kernel();
        NDArray all = waves(2);
        NDArray one = row(waves(2), 1);
        List<NDArray> histories = List.of();
        List<NDArray> history = List.of();
        for (int step = 0; step < kernel.steps(); step++) {
            NDArray output = waves(3 + step);
            float[] before = all.toFloatArray();
            TransitionKernel.Advance beside = kernel.advance(step, all, output, histories);
            TransitionKernel.Advance alone = kernel.advance(step, one, row(output, 1), history);
            assertThat(all.toFloatArray()).as("the state").containsExactly(before);
            assertThat(output.toFloatArray())
                    .as("the output")
                    .containsExactly(waves(3 + step).toFloatArray());
            all = beside.mean();
            histories = beside.history();
            one = alone.mean();
            history = alone.history();
            assertThat(one.toFloatArray()).containsExactly(row(all, 1).toFloatArray(), within(ROUNDING));
        }
    }

    /** The derivative of a transition's mean by the output is the one that the transition states, and walks are made of such means. */
    @Test
    public void aTransitionIsWhatItStates() {
        TransitionKernel kernel = kernel();
        assumeTrue(kernel.isMarkov(), "its steps are no transitions of their own");
        NDArray latents = waves(4).mul(0.1f);
        NDArray output = waves(5).mul(0.1f);
        for (int step = 0; step < kernel.steps(); step++) {
            NDArray mean = kernel.mean(step, latents, output);
            assertThat(kernel.advance(step, latents, output, List.of()).mean().toFloatArray())
                    .containsExactly(mean.toFloatArray());
            double derivative = kernel.meanPerOutput(step);
            double[] gradient = derivative(kernel, step, latents, output);
            if (!kernel.clips()) {
                assertThat(Arrays.stream(gradient).boxed().toList())
                        .as("step %d", step)
                        .allSatisfy(each -> assertThat(each)
                                .isCloseTo(derivative, within(ROUNDING * Math.max(1, Math.abs(derivative)))));
            }
            assertThat(kernel.ratioNormFactor(step)).isPositive().isFinite();
        }
    }

    private static double[] derivative(TransitionKernel kernel, int step, NDArray latents, NDArray output) {
        NDArray leaf = output.duplicate();
        leaf.setRequiresGradient(true);
        double[] all =
                LinePolicy.gradient(() -> kernel.mean(step, latents, leaf).sum(), List.of(leaf));
        return Arrays.copyOfRange(all, 1, all.length);
    }

    /** Of a family that they do not know they say so, with its name. */
    @Test
    public void aScheduleOfAnotherFamilyIsRefusedOrWalked() {
        try (LinePolicy other = new LinePolicy()) {
            assertThat(create().kernel(other.schedule(), STEPS).steps()).isPositive();
        } catch (UserException e) {
            assertThat(e).hasMessageContaining("a flow for contract tests");
        }
    }
}
