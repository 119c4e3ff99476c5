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
        COSINE
    }

    /** Checks the range. */
    public CoefficientSchedule {
        if (!(to >= 0)) {
            throw new IllegalArgumentException("to must be at least 0");
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
        double share = shape == Shape.LINEAR ? way : 0.5 * (1 - Math.cos(Math.PI * way));
        return from + share * (to - from);
    }
}
