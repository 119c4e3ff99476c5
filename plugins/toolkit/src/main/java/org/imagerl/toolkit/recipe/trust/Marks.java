package org.imagerl.toolkit.recipe.trust;

import java.util.Arrays;
import org.imagerl.spi.TrustRegion;
import org.jspecify.annotations.Nullable;

/** What a survey gave the samples of a pass: a number, or NaN for none. */
final class Marks {
    private Marks() {}

    /** The marks of a pass; null if there was no survey, or if it marked no sample of the pass. */
    static double @Nullable [] of(TrustRegion.Pass pass) {
        double[] marks = pass.marks();
        return marks == null || Arrays.stream(marks).allMatch(Double::isNaN) ? null : marks;
    }

    /** A factor for each sample: one for those that are marked, another for the others. */
    static double[] factors(double[] marks, double marked, double others) {
        return Arrays.stream(marks)
                .map(mark -> Double.isNaN(mark) ? others : marked)
                .toArray();
    }
}
