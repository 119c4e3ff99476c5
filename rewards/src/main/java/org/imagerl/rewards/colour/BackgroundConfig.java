package org.imagerl.rewards.colour;

import org.imagerl.spi.UserException;

/**
 * Where the background is.
 *
 * @param frame width of the outermost frame as a share of the shorter side, above 0 and at most 0.5; never less than a pixel
 */
record BackgroundConfig(double frame) {

    /** Fails if there is no such frame. */
    void check() {
        if (!(frame > 0 && frame <= 0.5)) {
            throw UserException.input("frame is " + frame
                    + "; it is a share of the shorter side, above 0 and at most 0.5, for instance 0.0625");
        }
    }
}
