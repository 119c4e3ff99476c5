package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.imagerl.spi.State;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.spi.run.UpdateRule;
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
        private final SortedMap<String, NDArray> parameters;
        private final ToDoubleFunction<String> factors;
        private long steps;

        Steps(SortedMap<String, NDArray> parameters, ToDoubleFunction<String> factors) {
            this.parameters = new TreeMap<>(parameters);
            this.factors = factors;
        }

        @Override
        public Step step(double learningRate) {
            double norm = norm();
            boolean skipped = !Double.isFinite(norm);
            if (!skipped) {
                parameters.forEach((name, weight) -> move(weight, learningRate * factors.applyAsDouble(name)));
                steps++;
            }
            clear();
            return new Step(norm, skipped);
        }

        /** All that is made within a scope is freed at its end. */
        private static void move(NDArray weight, double by) {
            Scope.run(() -> Gradients.off(
                    () -> weight.subi(Kernels.scale(weight.getGradient().sign(), by))));
        }

        private double norm() {
            double[] norm = new double[1];
            Scope.run(() -> {
                List<NDArray> gradients =
                        parameters.values().stream().map(NDArray::getGradient).toList();
                norm[0] = InPlaceKernels.globalNorm(gradients);
            });
            return norm[0];
        }

        private void clear() {
            parameters.values().forEach(weight -> JniUtils.zeroGrad((PtNDArray) weight));
        }

        @Override
        public double discard() {
            double norm = norm();
            clear();
            return norm;
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
