package org.imagerl.toolkit.recipe.trust;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.toolkit.recipe.Statistics;

/** What each pair of an update adds to the covariance of advantage and log-density: {@code cov = (A - mean A) (l - mean l)}. */
final class Covariances {
    private Covariances() {}

    /** Per pair. */
    static double[] of(List<UpdateSurvey.Pair> pairs) {
        double a = Statistics.of(
                        pairs.stream().mapToDouble(UpdateSurvey.Pair::advantage).toArray())
                .mean();
        double l = Statistics.of(pairs.stream()
                        .mapToDouble(UpdateSurvey.Pair::logDensity)
                        .toArray())
                .mean();
        return pairs.stream()
                .mapToDouble(pair -> (pair.advantage() - a) * (pair.logDensity() - l))
                .toArray();
    }

    /** The places of the positive ones, largest first. */
    static int[] descending(double... cov) {
        return IntStream.range(0, cov.length)
                .filter(i -> cov[i] > 0)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -cov[i]).thenComparing(Comparator.naturalOrder()))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
