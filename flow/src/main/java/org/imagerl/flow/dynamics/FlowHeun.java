package org.imagerl.flow.dynamics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Heun's method on the flow {@code dx = v dt}, as diffusers' {@code FlowMatchHeunDiscreteScheduler}: Euler's step, and the same step again with the mean of the
 * velocities at both of its ends (T. Karras et al., 2022, arXiv 2206.00364, algorithm 1, without noise). The last step, to time 0, is Euler's. So N steps
 * are 2 N - 1 calls of the denoiser; the times are those of {@code flow-euler} with N steps.
 */
public final class FlowHeun implements Dynamics {

    @Override
    public boolean stochastic() {
        return false;
    }

    @Override
    public TransitionKernel kernel(Schedule schedule, int steps) {
        FlowSchedule flow = FlowSchedules.require("flow-heun", schedule);
        return new Kernel(flow.times(steps), flow.config().trainTimesteps());
    }

    /**
     * A call of the denoiser is a step here: even ones are Euler's, odd ones correct the one before.
     *
     * @param times [N + 1]
     * @param trainTimesteps T
     */
    private record Kernel(double[] times, int trainTimesteps) implements TransitionKernel {

        @Override
        public int steps() {
            return 2 * (times.length - 1) - 1;
        }

        private boolean corrects(int call) {
            return call % 2 == 1;
        }

        private double time(int call) {
            return times[(call + 1) / 2];
        }

        @Override
        public double timestep(int call) {
            return time(call) * trainTimesteps;
        }

        @Override
        public Mixture mixture(int call) {
            return new Mixture(1 - time(call), time(call));
        }

        @Override
        public double std(int call) {
            return 0;
        }

        @Override
        public boolean isMarkov() {
            return false;
        }

        @Override
        public double stepSize(int call) {
            return times[call / 2] - times[call / 2 + 1];
        }

        @Override
        public double meanPerOutput(int call) {
            throw noTransition();
        }

        @Override
        public NDArray mean(int call, NDArray latents, NDArray output) {
            throw noTransition();
        }

        private static IllegalStateException noTransition() {
            return new IllegalStateException("a step of Heun's method is two calls, which is no transition of one");
        }

        /** The history is {@code x - h v / 2}, to which half of the second velocity is added. */
        @Override
        public Advance advance(int call, NDArray latents, NDArray output, List<NDArray> history) {
            double length = stepSize(call);
            if (corrects(call)) {
                return new Advance(Kernels.combine(history.get(0), 1, output, -length / 2), List.of());
            }
            NDArray predicted = Kernels.combine(latents, 1, output, -length);
            boolean last = call == steps() - 1;
            return new Advance(predicted, last ? List.of() : List.of(Kernels.combine(latents, 1, output, -length / 2)));
        }
    }
}
