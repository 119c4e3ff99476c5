package org.imagerl.toolkit.lora;

import org.imagerl.spi.UserException;

/** What the change of the weights by a LoRA is multiplied by: 1 is as it was trained. */
public final class LoraScale {
    /** Far beyond any that makes images; larger ones overflow in float16, or make weights infinite. */
    public static final int MOST = 1000;

    private LoraScale() {}

    /**
     * A scale in its range.
     *
     * @param where file or option that the message begins with
     * @throws UserException if it is not from -1000 to 1000
     */
    public static double checked(String where, double scale) {
        if (!(Math.abs(scale) <= MOST)) {
            throw UserException.input(where + ": the scale of the LoRA must be from -" + MOST + " to " + MOST + ", not "
                    + scale + "; 1 is as it was trained");
        }
        return scale;
    }
}
