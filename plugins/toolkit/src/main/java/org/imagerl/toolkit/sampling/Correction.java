package org.imagerl.toolkit.sampling;

import java.util.function.DoublePredicate;
import java.util.stream.IntStream;
import org.imagerl.spi.TransitionKernel;

/**
 * How much, and at which steps, samples are corrected towards the weights before training ({@link GuidedPolicy#towardsReference}).
 *
 * @param weight of the reference, 0..1; 0 is no correction
 * @param from share of the steps that are made before it begins, 0..1
 * @param to share of the steps after which it ends, above {@code from}, at most 1
 */
public record Correction(double weight, double from, double to) {
    /** None. */
    public static final Correction NONE = new Correction(0, 0, 1);

    /** Checks the ranges. */
    public Correction {
        if (!(weight >= 0 && weight <= 1)) {
            throw new IllegalArgumentException("the weight of the reference lies in [0, 1], not " + weight);
        }
        if (!(from >= 0 && from < to && to <= 1)) {
            throw new IllegalArgumentException(
                    "the reference must begin before it ends, between 0 and 1, not " + from + " and " + to);
        }
    }

    /** How many of a number of steps are corrected. */
    public int steps(int steps) {
        return weight == 0 ? 0 : last(steps) - first(steps);
    }

    /** Calls of the denoiser beside one for each of a number of steps. */
    public int furtherCalls(int steps) {
        return weight < 1 ? steps(steps) : 0;
    }

    private int first(int steps) {
        return (int) Math.ceil(from * steps);
    }

    private int last(int steps) {
        return (int) Math.ceil(to * steps);
    }

    /** The times of the corrected steps, in the denoiser's unit: those of the sampler, and what it asks between two of them. */
    DoublePredicate times(TransitionKernel kernel) {
        int steps = kernel.steps();
        if (from == 0 && to == 1) {
            return time -> true;
        }
        double[] times = IntStream.range(0, steps).mapToDouble(kernel::timestep).toArray();
        double begin = first(steps) == steps ? Double.NEGATIVE_INFINITY : times[first(steps)];
        double end = last(steps) == steps ? Double.NEGATIVE_INFINITY : times[last(steps)];
        return time -> time <= begin && time > end;
    }
}
