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

    /** Refuses anything below 0. */
    public static void notNegative(String option, int value) {
        if (value < 0) {
            throw UserException.input(option + " must be at least 0, not " + value);
        }
    }
}
