package org.imagerl.ctrl.classifier;

import java.util.List;

/**
 * The calibration of a classifier, from logits of labelled images (Guo, Pleiss, Sun, Weinberger, On Calibration of
 * Modern Neural Networks, 2017, arXiv 1706.04599): expected calibration error, and the one temperature that logits are divided by for the
 * smallest negative log-likelihood.
 *
 * @param logits a row per image
 * @param labels a class per image
 */
record Calibration(List<double[]> logits, int[] labels) {
    private static final int BINS = 15;
    private static final double MAX_LOG_TEMPERATURE = Math.log(20);
    private static final int SEARCH_STEPS = 60;

    /** Mean of -log p of the right class, nats. */
    double negativeLogLikelihood(double temperature) {
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            sum -= Math.log(Math.max(Double.MIN_NORMAL, probabilities(logits.get(i), temperature)[labels[i]]));
        }
        return sum / labels.length;
    }

    /** Mean distance of confidence and accuracy over 15 bins of equal width (eq. 3). */
    double expectedCalibrationError(double temperature) {
        double[] confidence = new double[BINS];
        double[] right = new double[BINS];
        for (int i = 0; i < labels.length; i++) {
            double[] p = probabilities(logits.get(i), temperature);
            int guess = Confusion.largest(p);
            int bin = Math.min(BINS - 1, (int) (p[guess] * BINS));
            confidence[bin] += p[guess];
            right[bin] += guess == labels[i] ? 1 : 0;
        }
        double error = 0;
        for (int bin = 0; bin < BINS; bin++) {
            error += Math.abs(confidence[bin] - right[bin]) / labels.length;
        }
        return error;
    }

    /** The best temperature within 1/20 and 20: the loss is convex in its inverse, so that a golden section finds it. */
    double temperature() {
        double ratio = (Math.sqrt(5) - 1) / 2;
        double low = -MAX_LOG_TEMPERATURE;
        double high = MAX_LOG_TEMPERATURE;
        for (int step = 0; step < SEARCH_STEPS; step++) {
            double left = high - ratio * (high - low);
            double right = low + ratio * (high - low);
            if (negativeLogLikelihood(Math.exp(left)) < negativeLogLikelihood(Math.exp(right))) {
                high = right;
            } else {
                low = left;
            }
        }
        return Math.exp((low + high) / 2);
    }

    static double[] probabilities(double[] logits, double temperature) {
        double max = logits[Confusion.largest(logits)];
        double[] p = new double[logits.length];
        double sum = 0;
        for (int k = 0; k < p.length; k++) {
            p[k] = Math.exp((logits[k] - max) / temperature);
            sum += p[k];
        }
        for (int k = 0; k < p.length; k++) {
            p[k] /= sum;
        }
        return p;
    }
}
