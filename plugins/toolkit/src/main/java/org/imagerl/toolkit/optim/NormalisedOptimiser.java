package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.imagerl.spi.State;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The common part of the optimisers whose step is {@code -gamma_t d_t / |d_t|}, with d_t a mean of gradients and the
 * norm over all trained tensors: tensors that they keep beside the trained ones, and an update that is left out where
 * the gradient is not finite.
 */
abstract class NormalisedOptimiser implements Optimiser {
    private final NormalisedSteps settings;
    private final SortedMap<String, NDArray> parameters;
    private final Accumulated accumulated;
    private final ToDoubleFunction<String> factors;
    private final NDManager manager;
    private final SortedMap<String, NDArray> saved = new TreeMap<>();
    private long steps;

    NormalisedOptimiser(
            NormalisedSteps settings,
            SortedMap<String, NDArray> parameters,
            ToDoubleFunction<String> factors,
            NDManager parent) {
        this.settings = settings;
        this.parameters = parameters;
        this.factors = factors;
        accumulated = new Accumulated(parameters);
        manager = parent.newSubManager();
    }

    /** One step, called without a graph, from gradients that are finite. */
    abstract void update(SortedMap<String, NDArray> gradients, double learningRate);

    /** Whether all that an update needs, beside the gradients, is finite. */
    boolean usable() {
        return true;
    }

    /** A float32 tensor of zeros for each trained one, of its shape, which lives as long as the optimiser. */
    final SortedMap<String, NDArray> zeros() {
        SortedMap<String, NDArray> zeros = new TreeMap<>();
        parameters.forEach((name, parameter) ->
                zeros.put(name, Scope.keep(manager.zeros(parameter.getShape(), DataType.FLOAT32))));
        return zeros;
    }

    /** The same, saved as {@code KIND.NAME}. */
    final SortedMap<String, NDArray> saved(String kind) {
        SortedMap<String, NDArray> zeros = zeros();
        zeros.forEach((name, tensor) -> saved.put(kind + "." + name, tensor));
        return zeros;
    }

    static NDArray of(Map<String, NDArray> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name));
    }

    final NormalisedSteps settings() {
        return settings;
    }

    final SortedMap<String, NDArray> parameters() {
        return parameters;
    }

    final Accumulated accumulated() {
        return accumulated;
    }

    /**
     * The factor by which a direction is multiplied for the step of a tensor; 0 where the norm is 0, as no gradient has
     * no direction.
     */
    final double factor(String name, double length, double norm) {
        return norm == 0 ? 0 : -length * factors.applyAsDouble(name) / norm;
    }

    @Override
    public Step step(double learningRate) {
        return Gradients.off(() -> {
            Step[] result = new Step[1];
            Scope.run(() -> result[0] = finiteUpdate(learningRate));
            return result[0];
        });
    }

    private Step finiteUpdate(double learningRate) {
        SortedMap<String, NDArray> gradients = accumulated.gradients();
        double norm = InPlaceKernels.globalNorm(List.copyOf(gradients.values()));
        boolean finite = Double.isFinite(norm) && usable();
        if (finite) {
            update(gradients, learningRate);
            steps++;
        }
        accumulated.clear();
        return new Step(norm, !finite);
    }

    @Override
    public final double discard() {
        return accumulated.discard();
    }

    @Override
    public final long steps() {
        return steps;
    }

    @Override
    public final State state() {
        return State.count("steps", steps).with(saved);
    }

    @Override
    public final void restore(State state) {
        steps = (long) state.number("steps");
    }

    @Override
    public final void close() {
        manager.close();
    }
}
