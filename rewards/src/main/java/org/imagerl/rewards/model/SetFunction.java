package org.imagerl.rewards.model;

/**
 * What a set of images is worth, with returns that diminish: a submodular function F of the set S, whose images have
 * the embeddings e_i. F of the empty set is 0.
 */
enum SetFunction {
    /** {@code mean_v max_{e in S} (1 + cos(v, e)) / 2} over the images v of the group: how well S stands for all of them. */
    FACILITY_LOCATION,
    /** {@code log det(I + a cos(S, S))}: the volume that S spans, a the strength. Of orthogonal embeddings |S| log(1 + a). */
    LOG_DET;

    /** The largest gain that an image can have. */
    double largest(double strength) {
        return this == FACILITY_LOCATION ? 1 : Math.log1p(strength);
    }

    /**
     * The gain of each image over those before it.
     *
     * @param cosines of all pairs
     * @param order in which images come into the set
     * @return by image, not by place in the order
     */
    double[] gains(double[][] cosines, int[] order, double strength) {
        return this == FACILITY_LOCATION ? facility(cosines, order) : volume(cosines, order, strength);
    }

    private static double[] facility(double[][] cosines, int... order) {
        double[] gains = new double[order.length];
        double[] nearest = new double[order.length];
        for (int e : order) {
            for (int v = 0; v < order.length; v++) {
                double similarity = (1 + cosines[v][e]) / 2;
                gains[e] += Math.max(0, similarity - nearest[v]) / order.length;
                nearest[v] = Math.max(nearest[v], similarity);
            }
        }
        return gains;
    }

    /** The pivots of the Cholesky decomposition of I + a C are the ratios of its leading determinants. */
    private static double[] volume(double[][] cosines, int[] order, double strength) {
        int n = order.length;
        double[] gains = new double[n];
        double[][] l = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = (i == j ? 1 : 0) + strength * cosines[order[i]][order[j]];
                for (int k = 0; k < j; k++) {
                    sum -= l[i][k] * l[j][k];
                }
                l[i][j] = i == j ? Math.sqrt(Math.max(1, sum)) : sum / l[j][j];
            }
            gains[order[i]] = 2 * Math.log(l[i][i]); // a pivot is at least 1
        }
        return gains;
    }
}
