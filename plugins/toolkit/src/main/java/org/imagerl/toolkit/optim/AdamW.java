package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.imagerl.spi.State;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * AdamW with torch's update rule (Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019, arXiv 1711.05101):
 *
 * <pre>
 * m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
 * w = w - lr decay w - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
 * </pre>
 *
 * preceded by clipping of all gradients by their global norm. Parameters and gradients are float32, moments as their kind has them.
 */
public final class AdamW implements Optimiser {

    /**
     * How weights are updated.
     *
     * @param beta1 decay of the mean of gradients, per update
     * @param beta2 decay of the mean of squared gradients, per update
     * @param epsilon added to the root of the mean of squared gradients
     * @param weightDecay decoupled, per unit of learning rate
     * @param maxGradNorm gradients are scaled down to this global norm; 0 = never
     */
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay, double maxGradNorm)
            implements UpdateRule {
        /** Checks the ranges. */
        public Settings {
            requireDecay("beta1", beta1);
            requireDecay("beta2", beta2);
            require(epsilon > 0, "epsilon must be above 0", epsilon);
            require(weightDecay >= 0, "weight_decay must be at least 0", weightDecay);
            require(maxGradNorm >= 0, "max_grad_norm must be at least 0", maxGradNorm);
        }

        private static void requireDecay(String name, double decay) {
            require(decay >= 0 && decay < 1, name + " must be at least 0 and below 1", decay);
        }

        private static void require(boolean holds, String rule, double value) {
            if (!holds) {
                throw new IllegalArgumentException(rule + ", not " + value);
            }
        }

        @Override
        public AdamW over(SortedMap<String, NDArray> parameters, ToDoubleFunction<String> factors, NDManager parent) {
            return new AdamW(this, parameters, factors, parent);
        }
    }

    private final Settings settings;
    private final Accumulated accumulated;
    private final NDManager manager;
    private final SortedMap<Double, List<String>> groups = new TreeMap<>();
    private final Moments moments;
    private long steps;

    /** With one learning rate for all. */
    public AdamW(Settings settings, SortedMap<String, NDArray> parameters, NDManager parent) {
        this(settings, parameters, name -> 1, parent);
    }

    /**
     * @param parameters leaves that require gradients, by name; not owned
     * @param factors what the learning rate is multiplied by, by name of the parameter
     * @param parent the moments live in a sub-manager of this
     */
    public AdamW(
            Settings settings,
            SortedMap<String, NDArray> parameters,
            ToDoubleFunction<String> factors,
            NDManager parent) {
        this(settings, parameters, factors, parent, FloatMoments::new);
    }

    AdamW(
            Settings settings,
            SortedMap<String, NDArray> parameters,
            ToDoubleFunction<String> factors,
            NDManager parent,
            Moments.Kind kind) {
        this.settings = settings;
        parameters
                .keySet()
                .forEach(name -> groups.computeIfAbsent(factors.applyAsDouble(name), f -> new ArrayList<>())
                        .add(name));
        this.accumulated = new Accumulated(parameters);
        this.manager = parent.newSubManager();
        this.moments = kind.of(settings, parameters, manager);
    }

    @Override
    public Step step(double learningRate) {
        return Gradients.off(() -> {
            Step[] result = new Step[1];
            Scope.run(() -> result[0] = update(learningRate));
            return result[0];
        });
    }

    @Override
    public double discard() {
        return accumulated.discard();
    }

    private Step update(double learningRate) {
        SortedMap<String, NDArray> gradients = accumulated.gradients();
        List<NDArray> all = List.copyOf(gradients.values());
        double norm = InPlaceKernels.globalNorm(all);
        boolean finite = Double.isFinite(norm);
        if (finite) {
            if (settings.maxGradNorm > 0 && norm > settings.maxGradNorm) {
                InPlaceKernels.scaleInPlace(all, settings.maxGradNorm / (norm + 1e-6));
            }
            steps++;
            groups.forEach((factor, names) -> moments.step(names, gradients, factor * learningRate, steps));
        }
        accumulated.clear();
        return new Step(norm, !finite);
    }

    @Override
    public long steps() {
        return steps;
    }

    /** The moments, {@code first.NAME} and {@code second.NAME} and what they are made of, and the number of updates. */
    @Override
    public State state() {
        return State.count("steps", steps).with(moments.tensors());
    }

    @Override
    public void restore(State state) {
        steps = (long) state.number("steps");
    }

    @Override
    public void close() {
        manager.close();
    }
}
