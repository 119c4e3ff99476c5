package org.imagerl.flow.matching;

/**
 * How finished images get their noise.
 *
 * @param count times and noises per sample, each a pass of the denoiser, at least 1
 * @param times where the times are from
 */
public record Draws(int count, Times times) {
    /** Checks the range. */
    public Draws {
        check(count);
    }

    /** Makes sure that a configuration's number is in the range. */
    public static void check(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("draws must be at least 1");
        }
    }
}
