package org.imagerl.cli.console;

import org.imagerl.spi.UserException;

/** Ranges of numbers on the command line. */
public final class Numbers {
    private Numbers() {}

    /** Refuses anything below 1. */
    public static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw UserException.input(option + " must be at least 1, not " + value);
        }
    }

    /** Refuses what is no number, and numbers that a computation in float32 does not survive. */
    public static void within(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw UserException.input(
                    option + " must be from " + plain(least) + " to " + plain(most) + ", not " + value);
        }
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    /** Refuses anything below 0. */
    public static void notNegative(String option, int value) {
        if (value < 0) {
            throw UserException.input(option + " must be at least 0, not " + value);
        }
    }
}
