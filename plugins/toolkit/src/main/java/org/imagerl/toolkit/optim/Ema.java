package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongToDoubleFunction;
import java.util.function.Supplier;
import org.imagerl.spi.State;
import org.imagerl.spi.Stateful;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Exponential moving average of weights, {@code average <- d average + (1 - d) weight}, whose decay d depends on a count k. The usual one, for
 * evaluation and saving, warms up: {@code d = min((1 + k) / (10 + k), decay)}. What k counts differs: diffusers' {@code EMAModel} counts the updates of
 * the average before this one, {@link #update()}; Flow-GRPO's {@code EMAModuleWrapper} the optimiser steps so far, {@link #update(long)}.
 */
public final class Ema implements Stateful, AutoCloseable {
    private final LongToDoubleFunction decay;
    private final SortedMap<String, NDArray> parameters;
    private final NDManager manager;
    private final SortedMap<String, NDArray> averages = new TreeMap<>();
    private long updates;

    /** With the usual warm-up. Starts at the present values of the parameters. */
    public Ema(double decay, SortedMap<String, NDArray> parameters, NDManager parent) {
        this(warmedUp(decay), parameters, parent);
    }

    private static LongToDoubleFunction warmedUp(double decay) {
        if (!(decay >= 0 && decay < 1)) {
            throw new IllegalArgumentException("an EMA decay lies in [0, 1), not " + decay);
        }
        return k -> Math.min((1.0 + k) / (10.0 + k), decay);
    }

    /**
     * Starts at the present values of the parameters.
     *
     * @param decay d at count k, in [0, 1)
     */
    public Ema(LongToDoubleFunction decay, SortedMap<String, NDArray> parameters, NDManager parent) {
        this.decay = decay;
        this.parameters = parameters;
        this.manager = parent.newSubManager();
        parameters.forEach((name, parameter) -> {
            NDArray average = Scope.keep(manager.zeros(parameter.getShape(), DataType.FLOAT32));
            average.addi(parameter.stopGradient());
            averages.put(name, average);
        });
    }

    /** The decay of the next {@link #update()}. */
    public double nextDecay() {
        return decay.applyAsDouble(updates);
    }

    /** Moves the average towards the present values; k is the number of updates before this one. */
    public void update() {
        update(updates);
    }

    /** Moves the average towards the present values with the decay of a count of the caller's, from 0. */
    public void update(long k) {
        double weight = 1 - decay.applyAsDouble(k);
        Gradients.off(() -> {
            InPlaceKernels.lerpInPlace(List.copyOf(averages.values()), List.copyOf(parameters.values()), weight);
            return null;
        });
        updates++;
    }

    /** Runs the body with the averages in the place of the weights. */
    public <T> T with(Supplier<T> body) {
        return InPlaceOf.with(parameters, averages, body);
    }

    /** The averages by name, float32, each of the same shape as its parameter. */
    public Map<String, NDArray> averages() {
        return Map.copyOf(averages);
    }

    @Override
    public State state() {
        return State.count("updates", updates).with(averages);
    }

    @Override
    public void restore(State state) {
        updates = (long) state.number("updates");
    }

    /** Number of updates so far. */
    public long updates() {
        return updates;
    }

    @Override
    public void close() {
        manager.close();
    }
}
