package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.imagerl.spi.UpdateSurvey;

/** The results of a survey for the pairs of an update, in the form in which micro-batches get them. */
final class SurveyMarks {
    private SurveyMarks() {}

    /**
     * The marks by sample of the epoch and step, NaN where there is none.
     *
     * @param seen the pairs of the update, in any order
     * @param seed of the update's random streams
     * @param samples of the epoch
     */
    static double[][] of(UpdateSurvey survey, Collection<UpdateSurvey.Pair> seen, long seed, int samples) {
        List<UpdateSurvey.Pair> pairs = new ArrayList<>(seen);
        pairs.sort(Comparator.comparingInt(UpdateSurvey.Pair::sample).thenComparingInt(UpdateSurvey.Pair::step));
        double[] given = survey.marks(pairs, seed);
        int steps = 1 + pairs.stream().mapToInt(UpdateSurvey.Pair::step).max().orElse(0);
        double[][] marks = new double[samples][steps];
        Arrays.stream(marks).forEach(row -> Arrays.fill(row, Double.NaN));
        for (int k = 0; k < given.length; k++) {
            marks[pairs.get(k).sample()][pairs.get(k).step()] = given[k];
        }
        return marks;
    }
}
