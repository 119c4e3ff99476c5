package org.imagerl.spi.text;

import java.util.List;

/** Numbers of things in a sentence. */
public final class Count {
    private Count() {}

    /** {@code 1 epoch}, {@code 4 images}, {@code 2 batches}. */
    public static String of(long number, String noun) {
        String plural = noun.endsWith("tch") ? "es" : "s";
        return number + " " + noun + (number == 1 ? "" : plural);
    }

    /**
     * The first names, and how many more there are: {@code a, b and 3 more}.
     *
     * @param most the number of names, at least 1
     */
    public static String some(List<String> names, int most) {
        int more = names.size() - most;
        return String.join(", ", names.subList(0, Math.min(most, names.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
