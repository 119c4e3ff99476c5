package org.imagerl.rewards.jpeg;

import org.imagerl.spi.UserException;

/**
 * How to scale a size.
 *
 * @param divisor the size in kB is divided by this; above 0. 1 is DDPO's reward, 500 is Flow-GRPO's compressibility
 */
record JpegConfig(double divisor) {

    /** Fails if the divisor makes no sense. */
    void check() {
        if (!(divisor > 0) || Double.isInfinite(divisor)) {
            throw UserException.input("divisor is " + divisor + "; it must be a number above 0, for instance 1 or 500");
        }
    }
}
