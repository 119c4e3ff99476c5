package org.imagerl.cli;

import org.imagerl.spi.UserException;

/** Ranges of numbers on the command line. */
final class Numbers {
    private Numbers() {}

    /** Refuses anything below 1. */
    static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw UserException.input(option + " must be at least 1, not " + value);
        }
    }
}
