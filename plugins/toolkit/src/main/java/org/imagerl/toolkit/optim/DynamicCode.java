package org.imagerl.toolkit.optim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The 256 values that 8-bit moments can have, relative to the largest of their block: dynamic tree quantisation (Dettmers, 8-Bit Approximations
 * for Parallelism in Deep Learning, 2015, arXiv 1511.04561, section 1.3.3), as bitsandbytes' {@code create_dynamic_map} lays it out. Each of seven
 * powers of ten from 1e-6 to 1 has twice as many values as the one below it, so that large numbers have more digits than small ones.
 */
final class DynamicCode {
    private static final int DECADES = 7;

    private DynamicCode() {}

    /** From nearly -1 to 1, ascending, with 0. */
    static float[] signed() {
        List<Double> values = new ArrayList<>();
        for (int decade = 0; decade < DECADES; decade++) {
            for (double value : decade(decade, 1 << decade)) {
                values.add(value);
                values.add(-value);
            }
        }
        return sorted(values);
    }

    /** From 0 to 1, ascending. */
    static float[] unsigned() {
        List<Double> values = new ArrayList<>();
        for (int decade = 0; decade < DECADES; decade++) {
            for (double value : decade(decade, 2 << decade)) {
                values.add(value);
            }
        }
        return sorted(values);
    }

    /** The middles of equal parts of 0.1 to 1, times the decade. */
    private static double[] decade(int decade, int parts) {
        double scale = Math.pow(10, decade - (DECADES - 1));
        double[] middles = new double[parts];
        for (int i = 0; i < parts; i++) {
            middles[i] = scale * (0.1 + 0.9 * (i + 0.5) / parts);
        }
        return middles;
    }

    private static float[] sorted(List<Double> values) {
        values.add(0.0);
        values.add(1.0);
        float[] sorted = new float[values.size()];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = values.get(i).floatValue();
        }
        Arrays.sort(sorted);
        return sorted;
    }

    /** The code of 0. */
    static int zero(float[] values) {
        return Arrays.binarySearch(values, 0);
    }

    /** Half way between each value and the next. */
    static float[] borders(float[] values) {
        float[] borders = new float[values.length - 1];
        for (int i = 0; i < borders.length; i++) {
            borders[i] = (values[i] + values[i + 1]) / 2;
        }
        return borders;
    }
}
