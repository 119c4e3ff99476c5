package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongToDoubleFunction;
import java.util.function.Supplier;
import org.imagerl.spi.FixedAdapter;
import org.imagerl.spi.State;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.optim.Ema;
import org.imagerl.toolkit.parallel.ThreadScopedValue;
import org.jspecify.annotations.Nullable;

/** The sets of weights of a tuning: the live ones, those before training, and the copies that an algorithm needs beside them. */
public final class PolicyWeights implements Stateful, AutoCloseable {
    private final Tuning tuning;
    private final WeightSet rollouts;

    private final ThreadScopedValue<WeightSet> inForce = new ThreadScopedValue<>(WeightSet.LIVE);

    /** The behaviour policy's; null if they cannot differ from what stands in for them. */
    private final @Nullable Ema behaviour;

    private final @Nullable Ema average;

    /** Those of an update on trial; null if nobody asks for them. */
    private final @Nullable Ema trial;

    private @Nullable FixedAdapter teacher;

    private long changes;

    /**
     * Makes the copies.
     *
     * @param kept the sets that are needed beside the live weights
     * @param rollouts the weights that rollouts are sampled with, {@link WeightSet#LIVE} or {@link WeightSet#EMA}
     * @param decay of the moving average after k optimiser steps
     */
    public PolicyWeights(
            Tuning tuning, NDManager manager, Set<WeightSet> kept, WeightSet rollouts, LongToDoubleFunction decay) {
        this.tuning = tuning;
        this.rollouts = rollouts;
        boolean averages = rollouts == WeightSet.EMA || kept.contains(WeightSet.EMA);
        boolean copies = rollouts == WeightSet.LIVE && kept.contains(WeightSet.BEHAVIOUR);
        average = averages ? new Ema(decay, tuning.parameters(), manager) : null;
        // An average that forgets all is a copy.
        behaviour = copies ? new Ema(k -> 0, tuning.parameters(), manager) : null;
        trial = kept.contains(WeightSet.TRIAL) ? new Ema(k -> 0, tuning.parameters(), manager) : null;
    }

    /** Only what a tuning has by itself: the live weights, which also sample, and those before training. */
    public static PolicyWeights of(Tuning tuning, NDManager manager) {
        return new PolicyWeights(tuning, manager, Set.of(), WeightSet.LIVE, k -> 0);
    }

    /** Runs the body with some weights, and then with those from before again. */
    public <T> T with(WeightSet weights, Supplier<T> body) {
        return switch (weights) {
            case LIVE -> live(body);
            case REFERENCE -> inForce.with(weights, () -> tuning.asReference(body));
            case BEHAVIOUR -> rollouts == WeightSet.EMA ? with(rollouts, body) : with(weights, behaviour, body);
            case EMA -> with(weights, Objects.requireNonNull(average, "no moving average was asked for"), body);
            case TEACHER -> {
                FixedAdapter adapter = Objects.requireNonNull(teacher, "no teacher was given");
                yield inForce.with(weights, () -> tuning.asReference(() -> adapter.with(body)));
            }
            case TRIAL -> with(weights, Objects.requireNonNull(trial, "no trial was asked for"), body);
        };
    }

    private <T> T with(WeightSet weights, @Nullable Ema copy, Supplier<T> body) {
        return copy == null ? live(body) : inForce.with(weights, () -> tuning.with(copy.averages(), body));
    }

    /** A worker's live weights are its own replicas, so that they cannot be put back where others have taken their place. */
    private <T> T live(Supplier<T> body) {
        if (inForce.get() != WeightSet.LIVE) {
            throw new IllegalStateException(
                    "the live weights are asked for where the " + inForce.get() + " weights are in force");
        }
        return body.get();
    }

    /** Gives {@link WeightSet#TEACHER}; whoever made the adapter closes it. */
    public void teachBy(FixedAdapter adapter) {
        teacher = adapter;
    }

    /** The weights that sample rollouts. */
    public WeightSet rollouts() {
        return rollouts;
    }

    /** Whether the first update after rollouts begins with the weights that sampled them. */
    public boolean onPolicy() {
        return rollouts == WeightSet.LIVE;
    }

    /** To be called before the updates of an epoch: remembers the behaviour policy. */
    public void beforeUpdates() {
        changes++;
        if (behaviour != null) {
            behaviour.update();
        }
    }

    /**
     * To be called after the updates of an epoch: moves the average.
     *
     * @param steps of the optimiser so far, those of this epoch among them
     */
    public void afterUpdates(long steps) {
        changes++;
        if (average != null) {
            average.update(steps);
        }
    }

    /** Remembers the live weights as those of an update on trial. */
    public void takeTrial() {
        changes++;
        Objects.requireNonNull(trial, "no trial was asked for").update();
    }

    /** To be called where the live weights were changed by another than the optimiser. */
    public void changed() {
        changes++;
    }

    /** How often a set has changed beside the steps of the optimiser. */
    public long changes() {
        return changes;
    }

    /**
     * The sets that last for a part of an epoch, as {@code behaviour.NAME} and {@code trial.NAME}, float32 of any
     * shape; without those that cannot differ from other sets.
     */
    public Map<String, NDArray> passing() {
        Map<String, NDArray> tensors = new TreeMap<>();
        if (behaviour != null) {
            behaviour.averages().forEach((name, tensor) -> tensors.put("behaviour." + name, tensor));
        }
        if (trial != null) {
            trial.averages().forEach((name, tensor) -> tensors.put("trial." + name, tensor));
        }
        return tensors;
    }

    /** The trained tensors and their moving average, if there is one: the behaviour policy is theirs again in the next epoch. */
    @Override
    public State state() {
        Map<String, NDArray> tensors = new TreeMap<>();
        tuning.parameters().forEach((name, tensor) -> tensors.put("live." + name, tensor));
        if (average == null) {
            return State.NONE.with(tensors);
        }
        average.averages().forEach((name, tensor) -> tensors.put("ema." + name, tensor));
        return State.of(average.state().numbers()).with(tensors);
    }

    @Override
    public void restore(State state) {
        if (average != null) {
            average.restore(state);
        }
    }

    @Override
    public void close() {
        if (behaviour != null) {
            behaviour.close();
        }
        if (average != null) {
            average.close();
        }
        if (trial != null) {
            trial.close();
        }
    }
}
