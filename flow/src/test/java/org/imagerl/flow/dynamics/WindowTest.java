package org.imagerl.flow.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.imagerl.flow.schedule.GridEnd;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.junit.jupiter.api.Test;

/** Which steps add noise. */
class WindowTest {
    private static final int STEPS = 10;

    private static List<Integer> noisy(Window window, boolean lastStep, long epoch) {
        Dynamics dynamics = FlowSde.dynamics(new FlowSde.Config(0.7, window, lastStep));
        long seed = new RandomStreams(3).seed("noisy steps", epoch);
        TransitionKernel kernel = dynamics.kernel(Grids.schedule(GridEnd.TRAINED), STEPS, epoch, seed);
        return IntStream.range(0, STEPS)
                .filter(step -> kernel.std(step) > 0)
                .boxed()
                .toList();
    }

    @Test
    void theLastStepIsNoisyOnlyIfAskedFor() {
        assertThat(noisy(new Window.All(), false, 0)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(noisy(new Window.All(), true, 0)).hasSize(10).contains(9);
        assertThat(noisy(new Window.Fixed(9, 1), true, 0)).containsExactly(9);
    }

    @Test
    void aFixedWindowStays() {
        assertThat(noisy(new Window.Fixed(2, 3), false, 0)).containsExactly(2, 3, 4);
        assertThat(noisy(new Window.Fixed(2, 3), false, 77)).containsExactly(2, 3, 4);
    }

    @Test
    void outsideTheWindowStepsAreEulers() {
        Dynamics dynamics = FlowSde.dynamics(new FlowSde.Config(0.7, new Window.Fixed(2, 3), false));
        TransitionKernel kernel = dynamics.kernel(Grids.schedule(GridEnd.TRAINED), STEPS);
        TransitionKernel ode = new OdeDynamics().kernel(Grids.schedule(GridEnd.TRAINED), STEPS);
        for (int step = 0; step < STEPS; step++) {
            boolean inside = step >= 2 && step <= 4;
            assertThat(kernel.timestep(step)).isEqualTo(ode.timestep(step));
            assertThat(kernel.meanPerOutput(step) == ode.meanPerOutput(step))
                    .as("step %d is Euler's", step)
                    .isEqualTo(!inside);
            assertThat(ode.std(step)).isZero();
        }
    }

    @Test
    void aRandomWindowComesToAllItsPlacesAndFollowsFromTheEpoch() {
        Window window = new Window.Random(1, 6, 2);
        TreeSet<Integer> starts = new TreeSet<>();
        for (int epoch = 0; epoch < 60; epoch++) {
            List<Integer> noisy = noisy(window, false, epoch);
            assertThat(noisy).hasSize(2);
            assertThat(noisy.get(1)).isEqualTo(noisy.get(0) + 1);
            starts.add(noisy.get(0));
            assertThat(noisy(window, false, epoch)).isEqualTo(noisy);
        }
        assertThat(starts).containsExactly(1, 2, 3, 4);
    }

    @Test
    void withoutAnEndARandomWindowLiesInTheFirstHalf() {
        TreeSet<Integer> seen = new TreeSet<>();
        for (int epoch = 0; epoch < 60; epoch++) {
            seen.addAll(noisy(new Window.Random(0, null, 3), false, epoch));
        }
        assertThat(seen).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void aSlidingWindowMovesAndBeginsAgain() {
        Window window = new Window.Sliding(4, 2, 25);
        List<Integer> starts = new ArrayList<>();
        for (int epoch : new int[] {0, 24, 25, 50, 74, 75, 100}) {
            List<Integer> noisy = noisy(window, false, epoch);
            assertThat(noisy).hasSize(4);
            starts.add(noisy.get(0));
        }
        // Nine noisy steps: 0-3, 2-5, 4-7, then from the start.
        assertThat(starts).containsExactly(0, 0, 2, 4, 4, 0, 2);
    }

    @Test
    void aWindowOutsideTheGridIsRefused() {
        for (Window window :
                List.of(new Window.Fixed(7, 3), new Window.Random(0, 10, 2), new Window.Sliding(10, 1, 1))) {
            Dynamics dynamics = FlowSde.dynamics(new FlowSde.Config(0.7, window, false));
            assertThatThrownBy(() -> dynamics.check(STEPS))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("outside the grid")
                    .hasMessageContaining("0 to 8");
            dynamics.check(STEPS + 1);
        }
        assertThatThrownBy(() ->
                        Cps.dynamics(new Cps.Config(0.8, new Window.All())).check(1))
                .hasMessageContaining("at least 2 steps");
    }

    @Test
    void valuesThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> new Window.Fixed(-1, 2)).hasMessageContaining("from");
        assertThatThrownBy(() -> new Window.Fixed(0, 0)).hasMessageContaining("size");
        assertThatThrownBy(() -> new Window.Random(3, 4, 2)).hasMessageContaining("to must leave room");
        assertThatThrownBy(() -> new Window.Sliding(2, 0, 1)).hasMessageContaining("stride");
        assertThatThrownBy(() -> new FlowSde.Config(-1, new Window.All(), false))
                .hasMessageContaining("noise_level");
        assertThatThrownBy(() -> new Cps.Config(1.1, new Window.All())).hasMessageContaining("noise_level");
        assertThatThrownBy(() -> new DanceSde.Config(Double.NaN, new Window.All(), false))
                .hasMessageContaining("noise_level");
    }

    @Test
    void withoutNoiseThereIsNoDensity() {
        assertThat(FlowSde.dynamics(new FlowSde.Config(0, new Window.All(), false))
                        .stochastic())
                .isFalse();
        assertThat(DanceSde.dynamics(new DanceSde.Config(0.3, new Window.All(), false))
                        .stochastic())
                .isTrue();
        assertThat(new OdeDynamics().stochastic()).isFalse();
    }

    @Test
    void aGridThatDoesNotStartAtPureNoiseIsRefused() {
        FlowSchedules.requireStart(Grids.sd3(4));
        assertThatThrownBy(() -> FlowSchedules.requireStart(new double[] {0.999, 0.5, 0}))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("starts at 0.999")
                .hasMessageContaining("pure noise");
    }
}
