package org.imagerl.toolkit.optim;

/**
 * Learning rate by update: a linear warm-up from 0, then constant, linear decay to 0, or half a cosine to 0.
 *
 * @param peak the rate after the warm-up
 * @param warmupSteps updates of warm-up
 * @param totalSteps updates in all
 */
public record LearningRate(double peak, Shape shape, long warmupSteps, long totalSteps) {

    /** What follows the warm-up. */
    public enum Shape {
        CONSTANT,
        LINEAR,
        COSINE
    }

    /** The rate of update {@code step}, counted from 0. */
    public double at(long step) {
        if (step < warmupSteps) {
            return peak * (step + 1) / warmupSteps;
        }
        double progress = Math.min(1, (step - warmupSteps) / (double) Math.max(1, totalSteps - warmupSteps));
        return switch (shape) {
            case CONSTANT -> peak;
            case LINEAR -> peak * (1 - progress);
            case COSINE -> peak * 0.5 * (1 + Math.cos(Math.PI * progress));
        };
    }
}
