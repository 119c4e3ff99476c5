package org.imagerl.rewards.model;

/**
 * The likeness of two embeddings with a weight for each element,
 * {@code D(a, b) = sum w a b / sqrt(sum w a^2 sum w b^2)}, -1 to 1. With equal weights it is the cosine.
 *
 * @param weights above 0, one per element of an embedding
 */
record Discriminator(double... weights) {

    /** The cosine of embeddings of some length. */
    static Discriminator cosine(int length) {
        return ofLogarithms(new double[length]);
    }

    /** With the weights whose logarithms these are. */
    static Discriminator ofLogarithms(double... logarithms) {
        double[] weights = new double[logarithms.length];
        for (int d = 0; d < weights.length; d++) {
            weights[d] = Math.exp(logarithms[d]);
        }
        return new Discriminator(weights);
    }

    /** The likeness; NaN if one of them is 0. */
    double likeness(float[] a, float[] b) {
        return likeness(a, b, 0, new double[weights.length]);
    }

    /**
     * The likeness, with its derivative by the logarithms of the weights.
     *
     * @param factor of the derivative
     * @param gradient to which it is added, where the factor is not 0
     */
    double likeness(float[] a, float[] b, double factor, double[] gradient) {
        double product = 0;
        double squaresA = 0;
        double squaresB = 0;
        for (int d = 0; d < weights.length; d++) {
            product += weights[d] * a[d] * b[d];
            squaresA += weights[d] * a[d] * a[d];
            squaresB += weights[d] * b[d] * b[d];
        }
        double root = Math.sqrt(squaresA) * Math.sqrt(squaresB);
        double likeness = product / root;
        for (int d = 0; d < weights.length && factor != 0; d++) {
            double squares = (double) a[d] * a[d] / squaresA + (double) b[d] * b[d] / squaresB;
            gradient[d] += factor * weights[d] * ((double) a[d] * b[d] / root - likeness / 2 * squares);
        }
        return Math.max(-1, Math.min(1, likeness));
    }
}
