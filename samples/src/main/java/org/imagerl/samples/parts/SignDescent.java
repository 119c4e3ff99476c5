package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import org.imagerl.spi.State;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.toolkit.optim.Accumulated;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** Moves every trained number by the learning rate against the sign of its gradient (Bernstein et al., signSGD, 2018, arXiv 1802.04434, algorithm 1). */
final class SignDescent implements UpdateRule {
    @Override
    public Optimiser over(SortedMap<String, NDArray> parameters, ToDoubleFunction<String> factors, NDManager parent) {
        return new Steps(parameters, factors);
    }

    private static final class Steps implements Optimiser {
        private final Accumulated accumulated;
        private final ToDoubleFunction<String> factors;
        private long steps;

        Steps(SortedMap<String, NDArray> parameters, ToDoubleFunction<String> factors) {
            accumulated = new Accumulated(parameters);
            this.factors = factors;
        }

        @Override
        public Step step(double learningRate) {
            double[] norm = new double[1];
            Scope.run(() -> norm[0] = Gradients.off(() -> update(learningRate)));
            return new Step(norm[0], !Double.isFinite(norm[0]));
        }

        /** All tensors that it makes are freed at the end of the scope around it. */
        private double update(double learningRate) {
            SortedMap<String, NDArray> gradients = accumulated.gradients();
            double norm = InPlaceKernels.globalNorm(List.copyOf(gradients.values()));
            if (Double.isFinite(norm)) {
                gradients.forEach((name, gradient) -> Objects.requireNonNull(
                                accumulated.parameters().get(name))
                        .subi(Kernels.scale(gradient.sign(), learningRate * factors.applyAsDouble(name))));
                steps++;
            }
            accumulated.clear();
            return norm;
        }

        @Override
        public double discard() {
            return accumulated.discard();
        }

        @Override
        public long steps() {
            return steps;
        }

        @Override
        public State state() {
            return State.count("steps", steps);
        }

        @Override
        public void restore(State state) {
            steps = (long) state.number("steps");
        }

        @Override
        public void close() {} // it has no tensors of its own
    }
}
