package org.imagerl.toolkit.optim;

import org.jspecify.annotations.Nullable;

/**
 * How long the steps of normalised policy gradients are, and how much of their direction is new; t counts updates from 0.
 *
 * @param momentum share of the old direction, {@code 1 - eta} from the second update on; null for the published one, which grows
 * @param averagingPower p of {@code eta_t = (2 / (t + 2))^p}, between 0 and 1, without effect beside a momentum
 * @param stepPower q of the length of a step, {@code learning_rate (2 / (t + 2))^q}, between 0 and 1
 */
record NormalisedSteps(@Nullable Double momentum, double averagingPower, double stepPower) {

    /** Checks the ranges. */
    NormalisedSteps {
        if (momentum != null && !(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("momentum must be at least 0 and below 1, not " + momentum);
        }
        requirePower("averaging_power", averagingPower);
        requirePower("step_power", stepPower);
    }

    private static void requirePower(String name, double power) {
        if (!(power >= 0 && power <= 1)) {
            throw new IllegalArgumentException(name + " must be between 0 and 1, not " + power);
        }
    }

    /** eta of update t: how much of the direction is new. */
    double share(long t) {
        if (t == 0) {
            return 1;
        }
        return momentum == null ? power(t, averagingPower) : 1 - momentum;
    }

    /** The length of update t. */
    double length(double learningRate, long t) {
        return learningRate * power(t, stepPower);
    }

    private static double power(long t, double exponent) {
        return Math.pow(2.0 / (t + 2), exponent);
    }
}
