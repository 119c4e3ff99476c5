package org.imagerl.training.distil;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.scoring.RankCorrelation;

/**
 * How well estimates agree with the values that they estimate. A training is guided by the differences between images
 * of one prompt; so these are compared by themselves too.
 *
 * @param pearson correlation over all images
 * @param spearman correlation of the ranks over all images
 * @param rmse root of the mean squared difference, in the unit of the scores
 * @param std standard deviation of the teacher's scores, with which {@code rmse} is to be compared
 * @param equalOrder of the pairs of images that neither holds for equal, the share in the same order
 * @param pearsonWithin correlation of what scores differ by from the mean of their prompt
 * @param equalOrderWithin {@code equalOrder} of pairs of images of one prompt
 */
public record Agreement(
        double pearson,
        double spearman,
        double rmse,
        double std,
        double equalOrder,
        double pearsonWithin,
        double equalOrderWithin) {

    /** @param prompts the prompt of each image */
    public static Agreement of(double[] teacher, double[] estimates, List<String> prompts) {
        double squares = 0;
        double mean = 0;
        for (int i = 0; i < teacher.length; i++) {
            squares += Math.pow(teacher[i] - estimates[i], 2) / teacher.length;
            mean += teacher[i] / teacher.length;
        }
        double variance = 0;
        for (double score : teacher) {
            variance += Math.pow(score - mean, 2) / teacher.length;
        }
        RankCorrelation.Pairs within = new RankCorrelation.Pairs(0, 0);
        List<Double> ownTeacher = new ArrayList<>();
        List<Double> ownEstimates = new ArrayList<>();
        for (int[] group : groups(prompts)) {
            double[] a = chosen(teacher, group);
            double[] b = chosen(estimates, group);
            within = within.plus(RankCorrelation.Pairs.of(a, b));
            ownTeacher.addAll(centred(a));
            ownEstimates.addAll(centred(b));
        }
        return new Agreement(
                RankCorrelation.pearson(teacher, estimates),
                RankCorrelation.spearman(teacher, estimates),
                Math.sqrt(squares),
                Math.sqrt(variance),
                RankCorrelation.Pairs.of(teacher, estimates).accuracy(),
                RankCorrelation.pearson(array(ownTeacher), array(ownEstimates)),
                within.accuracy());
    }

    private static Collection<int[]> groups(List<String> prompts) {
        Map<String, List<Integer>> groups = new LinkedHashMap<>();
        for (int i = 0; i < prompts.size(); i++) {
            groups.computeIfAbsent(prompts.get(i), prompt -> new ArrayList<>()).add(i);
        }
        return groups.values().stream()
                .map(group -> group.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    private static double[] chosen(double[] values, int... rows) {
        double[] chosen = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            chosen[i] = values[rows[i]];
        }
        return chosen;
    }

    private static List<Double> centred(double... values) {
        double mean = 0;
        for (double value : values) {
            mean += value / values.length;
        }
        List<Double> centred = new ArrayList<>();
        for (double value : values) {
            centred.add(value - mean);
        }
        return centred;
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** By name; what is not known, as the order within prompts that have one image each, is left out. */
    public Map<String, Double> byName() {
        Map<String, Double> named = new LinkedHashMap<>();
        named.put("pearson", pearson);
        named.put("spearman", spearman);
        named.put("rmse", rmse);
        named.put("teacher_std", std);
        named.put("equal_order", equalOrder);
        named.put("pearson_within_prompts", pearsonWithin);
        named.put("equal_order_within_prompts", equalOrderWithin);
        named.values().removeIf(value -> !Double.isFinite(value));
        return named;
    }
}
