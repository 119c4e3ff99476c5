package org.imagerl.toolkit.recipe.selection;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.imagerl.spi.Selection;
import org.imagerl.toolkit.recipe.Groups;

/** Choices within the group of each prompt, by the rank of rewards. */
final class Ranked {
    private Ranked() {}

    /**
     * The samples that are chosen of each group, all together.
     *
     * @param choice takes the samples of a group that have an advantage, best reward first, of equal ones the first sample first
     */
    static int[] ofEachGroup(Selection.Candidates candidates, Function<List<Integer>, Collection<Integer>> choice) {
        return Groups.ofNumbers(candidates.groups(), candidates.advantages()).stream()
                .map(group -> IntStream.of(group)
                        .boxed()
                        .sorted(Comparator.comparingDouble(
                                        (Integer i) -> -candidates.rewards()[i])
                                .thenComparing(Comparator.naturalOrder()))
                        .toList())
                .flatMap(ranked -> choice.apply(ranked).stream())
                .mapToInt(Integer::intValue)
                .distinct()
                .sorted()
                .toArray();
    }
}
