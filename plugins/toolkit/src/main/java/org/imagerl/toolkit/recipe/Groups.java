package org.imagerl.toolkit.recipe;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The samples of an epoch by the prompt that they were made for. */
public final class Groups {
    private Groups() {}

    /** The samples of each group, ascending; the groups in the order of their first samples. */
    public static List<int[]> of(List<String> groups) {
        return of(groups, IntStream.range(0, groups.size()).toArray());
    }

    /** The same of some samples. */
    public static List<int[]> of(List<String> groups, int... samples) {
        Map<String, List<Integer>> members = new LinkedHashMap<>();
        for (int i : samples) {
            members.computeIfAbsent(groups.get(i), key -> new ArrayList<>()).add(i);
        }
        return members.values().stream().map(Groups::ints).toList();
    }

    /** The same of the samples whose value is a number. */
    public static List<int[]> ofNumbers(List<String> groups, double... values) {
        return of(
                groups,
                IntStream.range(0, values.length)
                        .filter(i -> !Double.isNaN(values[i]))
                        .toArray());
    }

    /** The values of some samples, in their order. */
    public static double[] pick(double[] values, int... samples) {
        return IntStream.of(samples).mapToDouble(i -> values[i]).toArray();
    }

    private static int[] ints(Collection<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }
}
