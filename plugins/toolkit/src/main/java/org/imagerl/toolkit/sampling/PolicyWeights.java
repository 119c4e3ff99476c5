package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDManager;
import java.util.Set;
import java.util.function.LongToDoubleFunction;
import java.util.function.Supplier;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.optim.Ema;
import org.jspecify.annotations.Nullable;

/** The sets of weights of a tuning: those in training, those before it, and the copies that an algorithm needs beside them. */
public final class PolicyWeights implements AutoCloseable {
    private final Tuning tuning;
    private final WeightSet rollouts;

    /** What sampled the rollouts at hand; null if that cannot differ from what stands in for it. */
    private final @Nullable Ema sampling;

    private final @Nullable Ema trailing;

    /**
     * Makes the copies.
     *
     * @param kept the sets that are needed beside the current weights
     * @param rollouts the weights that rollouts are sampled with, {@link WeightSet#CURRENT} or {@link WeightSet#TRAILING}
     * @param decay of the trailing average after k optimiser steps
     */
    public PolicyWeights(
            Tuning tuning, NDManager manager, Set<WeightSet> kept, WeightSet rollouts, LongToDoubleFunction decay) {
        this.tuning = tuning;
        this.rollouts = rollouts;
        boolean trails = rollouts == WeightSet.TRAILING || kept.contains(WeightSet.TRAILING);
        boolean copies = rollouts == WeightSet.CURRENT && kept.contains(WeightSet.SAMPLING);
        trailing = trails ? new Ema(decay, tuning.parameters(), manager) : null;
        // An average that forgets all is a copy.
        sampling = copies ? new Ema(k -> 0, tuning.parameters(), manager) : null;
    }

    /** Only what a tuning has by itself: the weights in training, which also sample, and those before. */
    public static PolicyWeights of(Tuning tuning, NDManager manager) {
        return new PolicyWeights(tuning, manager, Set.of(), WeightSet.CURRENT, k -> 0);
    }

    /** Runs the body with some weights, and then with those from before again. */
    public <T> T with(WeightSet weights, Supplier<T> body) {
        return switch (weights) {
            case CURRENT -> body.get();
            case REFERENCE -> tuning.asReference(body);
            case SAMPLING -> rollouts == WeightSet.TRAILING ? with(rollouts, body) : with(sampling, body);
            case TRAILING -> {
                if (trailing == null) {
                    throw new IllegalStateException("no trailing average was asked for");
                }
                yield with(trailing, body);
            }
        };
    }

    private <T> T with(@Nullable Ema copy, Supplier<T> body) {
        return copy == null ? body.get() : tuning.with(copy.state(), body);
    }

    /** The weights that sample rollouts. */
    public WeightSet rollouts() {
        return rollouts;
    }

    /** Whether the first update after rollouts begins with the weights that sampled them. */
    public boolean onPolicy() {
        return rollouts == WeightSet.CURRENT;
    }

    /** To be called before the updates of an epoch: remembers the weights that sampled. */
    public void beforeUpdates() {
        if (sampling != null) {
            sampling.update();
        }
    }

    /**
     * To be called after the updates of an epoch: moves the trailing average.
     *
     * @param steps of the optimiser so far, those of this epoch among them
     */
    public void afterUpdates(long steps) {
        if (trailing != null) {
            trailing.update(steps);
        }
    }

    /** The trailing average, whose memory must survive a resume; null if there is none. */
    public @Nullable Ema trailing() {
        return trailing;
    }

    @Override
    public void close() {
        if (sampling != null) {
            sampling.close();
        }
        if (trailing != null) {
            trailing.close();
        }
    }
}
