package org.imagerl.flow.matching;

import java.util.Arrays;

/** Advantages as shares of a reward between 0 and 1: {@code r = clamp(A, -c, c) / (2 c) + 1/2} (arXiv 2509.16117). */
public final class RewardShare {
    private RewardShare() {}

    /**
     * The shares r.
     *
     * @param advantages A of each sample
     * @param limit c, above 0
     */
    public static double[] of(double[] advantages, double limit) {
        return Arrays.stream(advantages)
                .map(a -> Math.max(-limit, Math.min(limit, a)) / (2 * limit) + 0.5)
                .toArray();
    }
}
