package org.imagerl.spi;

import org.jspecify.annotations.Nullable;

/**
 * How a coefficient moves over a run, from its configured value to another one, epoch by epoch.
 *
 * @param to the value at the end
 * @param shape of the way
 * @param until the share of the run's epochs after which the end is reached, above 0, at most 1; by default 1
 */
public record CoefficientSchedule(
        double to, Shape shape, @Nullable Double until) {

    /** The way from one value to the other. */
    public enum Shape {
        LINEAR,
        /** Half a cosine: slow at both ends. */
        COSINE,
        /** The inverse of the coefficient moves linearly, so that both ends are above 0. */
        INVERSE
    }

    /** Checks the range. */
    public CoefficientSchedule {
        if (!(to >= 0)) {
            throw new IllegalArgumentException("to must be at least 0");
        }
        if (shape == Shape.INVERSE && !(to > 0)) {
            throw new IllegalArgumentException("to must be above 0 where the inverse moves linearly");
        }
        if (until != null && !(until > 0 && until <= 1)) {
            throw new IllegalArgumentException("until must be above 0 and at most 1");
        }
    }

    /**
     * The coefficient of an epoch.
     *
     * @param schedule null keeps it constant
     * @param from the configured value
     * @param progress share of the run's epochs that are trained, from 0
     */
    public static double at(@Nullable CoefficientSchedule schedule, double from, double progress) {
        return schedule == null ? from : schedule.at(from, progress);
    }

    private double at(double from, double progress) {
        double way = Math.min(1, progress / (until == null ? 1 : until));
        return switch (shape) {
            case LINEAR -> from + way * (to - from);
            case COSINE -> from + 0.5 * (1 - Math.cos(Math.PI * way)) * (to - from);
            case INVERSE -> 1 / ((1 - way) / from + way / to);
        };
    }
}
