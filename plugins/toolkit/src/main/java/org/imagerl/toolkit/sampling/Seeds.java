package org.imagerl.toolkit.sampling;

import java.util.Arrays;

/**
 * The seeds of a batch of samples.
 *
 * @param start of the initial noise, one per sample; equal where samples begin with the same noise
 * @param steps of the noise that steps add, one per sample
 * @param shared whether samples of one prompt may begin with the same noise, so that what they have in common is computed once
 */
public record Seeds(long[] start, long[] steps, boolean shared) {
    public Seeds {
        if (start.length != steps.length) {
            throw new IllegalArgumentException(start.length + " initial seeds for " + steps.length + " samples");
        }
    }

    /** Every sample with a noise of its own. */
    public static Seeds own(long... seeds) {
        return new Seeds(seeds, seeds, false);
    }

    /**
     * Groups of samples that begin with one noise and part where steps add theirs.
     *
     * @param start of the initial noise, one per sample, equal within a group
     * @param steps of the noise that steps add, one per sample
     */
    public static Seeds shared(long[] start, long... steps) {
        return new Seeds(start, steps, true);
    }

    /** The seeds of some consecutive samples. */
    public Seeds range(int from, int to) {
        return new Seeds(Arrays.copyOfRange(start, from, to), Arrays.copyOfRange(steps, from, to), shared);
    }
}
