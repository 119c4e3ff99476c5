package org.imagerl.flow.schedule;

import org.imagerl.spi.UserException;

/**
 * Moves times towards noise, {@code t -> k t / (1 + (k - 1) t)}: 0 and 1 stay. All of diffusers' shifts have this form: {@code shift} is k itself, its
 * exponential {@code e^mu / (e^mu + 1 / t - 1)} has k = e^mu, its linear {@code mu / (mu + 1 / t - 1)} has k = mu.
 *
 * @param factor k, above 0; 1 changes nothing
 */
public record TimeShift(double factor) {

    /** Checks the range. */
    public TimeShift {
        if (!(factor > 0 && Double.isFinite(factor))) {
            throw UserException.input(
                    "the time shift of the schedule is " + factor
                            + "; expected a number above 0: look at the shift settings of scheduler_config.json and at the image's size");
        }
    }

    /** The shifted time; written so that 1 stays 1 to the bit, on which the first step of an SDE depends. */
    public double of(double time) {
        return time / (time + (1 - time) / factor);
    }
}
