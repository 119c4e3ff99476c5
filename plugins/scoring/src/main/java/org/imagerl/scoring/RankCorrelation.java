package org.imagerl.scoring;

import java.util.Arrays;
import org.apache.commons.statistics.ranking.NaturalRanking;
import org.apache.commons.statistics.ranking.TiesStrategy;
import org.imagerl.scoring.reward.Statistics;

/** Agreement of two lists of numbers of one length, without NaN. */
public final class RankCorrelation {
    private RankCorrelation() {}

    /** Pearson's correlation; NaN if one list does not vary. */
    public static double pearson(double[] valuesA, double[] valuesB) {
        double[] a = Statistics.scaled(
                valuesA, -Statistics.exponent(valuesA)); // the correlation stays, the squares stay finite
        double[] b = Statistics.scaled(valuesB, -Statistics.exponent(valuesB));
        double meanA = Arrays.stream(a).average().orElse(Double.NaN);
        double meanB = Arrays.stream(b).average().orElse(Double.NaN);
        double product = 0;
        double squaresA = 0;
        double squaresB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (a[i] - meanA) * (b[i] - meanB);
            squaresA += (a[i] - meanA) * (a[i] - meanA);
            squaresB += (b[i] - meanB) * (b[i] - meanB);
        }
        return product / Math.sqrt(squaresA * squaresB);
    }

    /** Spearman's correlation: Pearson's of the ranks, equal numbers sharing the mean of theirs. */
    public static double spearman(double[] a, double[] b) {
        return pearson(ranks(a), ranks(b));
    }

    private static double[] ranks(double[] values) {
        double[] oneZero = Arrays.stream(values).map(v -> v + 0.0).toArray(); // -0.0 is as large as 0.0
        return new NaturalRanking(TiesStrategy.AVERAGE).apply(oneZero);
    }

    /**
     * Counts pairs that both lists put in an order.
     *
     * @param agreeing pairs in the same order
     * @param pairs pairs that neither list holds for equal
     */
    public record Pairs(long agreeing, long pairs) {

        /** Over all pairs of these numbers. */
        public static Pairs of(double[] a, double[] b) {
            long agreeing = 0;
            long pairs = 0;
            for (int i = 0; i < a.length; i++) {
                for (int j = 0; j < i; j++) {
                    double order = Math.signum(a[i] - a[j]) * Math.signum(b[i] - b[j]);
                    pairs += order == 0 ? 0 : 1;
                    agreeing += order > 0 ? 1 : 0;
                }
            }
            return new Pairs(agreeing, pairs);
        }

        /** Both together. */
        public Pairs plus(Pairs other) {
            return new Pairs(agreeing + other.agreeing, pairs + other.pairs);
        }

        /** The share that agrees; NaN if there are no pairs. */
        public double accuracy() {
            return pairs == 0 ? Double.NaN : (double) agreeing / pairs;
        }
    }
}
