package org.imagerl.training.data;

import java.util.HexFormat;
import org.imagerl.spi.io.Sha256;

/** A number of the text of a prompt that is the same in every table, order and run. */
public final class PromptHash {
    private static final int DIGITS = 16;
    private static final double UNIT = 0x1p-53;

    private PromptHash() {}

    /** The first 64 bits of its SHA-256. */
    public static long of(String text) {
        return HexFormat.fromHexDigitsToLong(Sha256.ofText(text), 0, DIGITS);
    }

    /** The hash as a number from 0 to below 1. */
    public static double share(long hash) {
        return (hash >>> 11) * UNIT;
    }
}
