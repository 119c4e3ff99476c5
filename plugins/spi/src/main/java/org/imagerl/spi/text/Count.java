package org.imagerl.spi.text;

/** Numbers of things in a sentence. */
public final class Count {
    private Count() {}

    /** {@code 1 epoch}, {@code 4 images}, {@code 2 batches}. */
    public static String of(long number, String noun) {
        String plural = noun.endsWith("tch") ? "es" : "s";
        return number + " " + noun + (number == 1 ? "" : plural);
    }
}
