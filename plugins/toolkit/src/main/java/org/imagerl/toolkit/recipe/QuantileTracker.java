package org.imagerl.toolkit.recipe;

import java.util.Arrays;
import java.util.Map;
import org.imagerl.spi.State;
import org.imagerl.spi.Stateful;

/**
 * Quantiles of a distribution that moves: for each level of a grid {@code q <- q + step (level - mean 1[s < q])}, from the quantiles of the first
 * numbers on (as in RiskPO's published code: 19 levels from 0.05 to 0.95, step 0.1). The step is in the unit of the numbers: those of a range of 1 are
 * followed within some ten epochs, those of a range of 100 hardly at all.
 */
public final class QuantileTracker implements Stateful {
    private static final int LEVELS = 19;
    private static final double STEP = 0.1;

    private double[] quantiles = {};

    /** Whether there were numbers yet. */
    public boolean started() {
        return quantiles.length > 0;
    }

    /** Whether a level is among those that are tracked, or between them. */
    public static boolean tracks(double level) {
        return level >= level(0) && level <= level(LEVELS - 1);
    }

    /** Takes the numbers of an epoch. */
    public void observe(double... numbers) {
        if (!started()) {
            double[] first = new double[LEVELS];
            Arrays.setAll(first, k -> quantile(numbers, level(k)));
            quantiles = first;
            return;
        }
        Arrays.setAll(quantiles, k -> {
            double q = quantiles[k];
            double below = Arrays.stream(numbers).filter(s -> s < q).count();
            return q + STEP * (level(k) - below / numbers.length);
        });
        Arrays.sort(quantiles); // levels that cross would turn a range around
    }

    /** The tracked quantile, linear between the levels and constant beyond the outer ones. */
    public double at(double level) {
        double place = Math.max(0, Math.min(LEVELS - 1, level * (LEVELS + 1) - 1));
        int k = Math.min(LEVELS - 2, (int) place);
        return quantiles[k] + (place - k) * (quantiles[k + 1] - quantiles[k]);
    }

    /** The quantile of some numbers, linear between neighbours as numpy's and torch's. */
    public static double quantile(double[] numbers, double level) {
        double[] sorted = numbers.clone();
        Arrays.sort(sorted);
        double place = level * (sorted.length - 1);
        int k = (int) place;
        double above = sorted[Math.min(k + 1, sorted.length - 1)];
        return sorted[k] + (place - k) * (above - sorted[k]);
    }

    private static double level(int k) {
        return (k + 1) / (LEVELS + 1.0);
    }

    @Override
    public State state() {
        return started() ? State.of(Map.of("quantiles", quantiles.clone())) : State.NONE;
    }

    @Override
    public void restore(State state) {
        double[] saved = state.numbers().getOrDefault("quantiles", new double[0]);
        if (saved.length != 0 && saved.length != LEVELS) {
            throw new IllegalStateException("quantiles are " + saved.length + " numbers instead of " + LEVELS);
        }
        quantiles = saved.clone();
    }
}
