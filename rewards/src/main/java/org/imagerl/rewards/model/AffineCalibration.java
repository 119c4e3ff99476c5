package org.imagerl.rewards.model;

import org.jspecify.annotations.Nullable;

/** {@code clamp(scale * x + offset, min, max)}. */
record AffineCalibration(double scale, double offset, double min, double max) {
    private static final AffineCalibration IDENTITY =
            new AffineCalibration(1, 0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    static AffineCalibration of(OnnxConfig.@Nullable FormulaConfig config) {
        if (config == null) {
            return IDENTITY;
        }
        return new AffineCalibration(
                or(config.scale(), IDENTITY.scale),
                or(config.offset(), IDENTITY.offset),
                or(config.min(), IDENTITY.min),
                or(config.max(), IDENTITY.max));
    }

    private static double or(@Nullable Double given, double absent) {
        return given == null ? absent : given;
    }

    double apply(double x) {
        return Math.max(min, Math.min(max, scale * x + offset)); // NaN stays NaN
    }

    /** For people. */
    String describe() {
        StringBuilder text = new StringBuilder("x");
        if (scale != 1) {
            text.insert(0, scale + " * ");
        }
        if (offset != 0) {
            text.append(offset < 0 ? " - " : " + ").append(Math.abs(offset));
        }
        if (min != IDENTITY.min || max != IDENTITY.max) {
            text.append(", clamped to [").append(min).append(", ").append(max).append("]");
        }
        return text.toString();
    }
}
