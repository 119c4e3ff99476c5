package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.imagerl.training.config.TrainedSteps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MicroBatchesTest {
    private static final int[] POSSIBLE = {0, 1, 2, 4, 5};
    private static final int[] ROWS = {7, 3, 0, 9, 12, 4, 1};

    private static List<MicroBatches.Part> parts(TrainedSteps steps, int size) {
        List<int[]> units = IntStream.of(ROWS).mapToObj(row -> new int[] {row}).toList();
        return new MicroBatches(steps, size).of(POSSIBLE, units, SplittableRandom::new);
    }

    /** Sample and step, of all micro-batches. */
    private static Set<String> pairs(List<MicroBatches.Part> parts) {
        Set<String> pairs = new TreeSet<>();
        for (MicroBatches.Part part : parts) {
            for (int row : part.rows()) {
                for (int step : part.steps()) {
                    assertThat(pairs.add(row + ":" + step)).isTrue();
                }
            }
        }
        return pairs;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100})
    void whatIsDrawnDoesNotDependOnTheSizeOfMicroBatches(int size) {
        TrainedSteps some = new TrainedSteps.Random(0.6);
        List<MicroBatches.Part> parts = parts(some, size);
        assertThat(pairs(parts)).isEqualTo(pairs(parts(some, 4))).hasSize(3 * ROWS.length);
        assertThat(parts).allMatch(part -> part.rows().length <= size && part.steps().length == 1);
        for (MicroBatches.Part part : parts) {
            assertThat(part.share()).isCloseTo(part.rows().length / 21.0, within(1e-12));
        }
    }

    @Test
    void samplesHaveStepsOfTheirOwn() {
        Set<String> pairs = pairs(parts(new TrainedSteps.Random(0.6), 4));
        long different = IntStream.of(ROWS)
                .mapToObj(row -> pairs.stream()
                        .filter(pair -> pair.startsWith(row + ":"))
                        .map(pair -> pair.substring(pair.indexOf(':')))
                        .toList())
                .distinct()
                .count();
        assertThat(different).isGreaterThan(2);
    }

    /** int(T f) of the published code of DDPO and DanceGRPO, and at least one. */
    @ParameterizedTest
    @CsvSource({"0.01, 1", "0.39, 1", "0.4, 2", "0.59, 2", "0.6, 3", "0.99, 4", "1.0, 5"})
    void theirNumberIsRoundedDown(double fraction, int steps) {
        assertThat(pairs(parts(new TrainedSteps.Random(fraction), 4))).hasSize(steps * ROWS.length);
    }

    @Test
    void theSameStepsOfAllStayTogether() {
        List<MicroBatches.Part> parts = parts(new TrainedSteps.Fixed(List.of(4, 3, 1)), 4);
        assertThat(parts).hasSize(2);
        assertThat(parts.get(0).rows()).containsExactly(7, 3, 0, 9);
        assertThat(parts.get(1).rows()).containsExactly(12, 4, 1);
        assertThat(parts).allSatisfy(part -> assertThat(part.steps()).containsExactly(1, 4));
        assertThat(parts.get(1).share()).isEqualTo(3.0 / 7);
    }

    @Test
    void aStepByItselfIsOfTheSamplesThatTrainIt() {
        List<MicroBatches.Part> parts = parts(new TrainedSteps.Random(0.6), 2);
        double sum = 0;
        for (int step : POSSIBLE) {
            List<MicroBatches.Part> only = MicroBatches.only(parts, step);
            assertThat(only).allSatisfy(part -> assertThat(part.steps()).containsExactly(step));
            sum += only.stream().mapToDouble(MicroBatches.Part::share).sum();
        }
        assertThat(sum).isCloseTo(POSSIBLE.length, within(1e-12));
    }

    /** Groups of 2, 3, 1 and 2 samples, in micro-batches of at most 3: none is split, and shares add up to 1. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 0.4})
    void unitsAreNeverSplit(double fraction) {
        List<int[]> units = List.of(new int[] {7, 3}, new int[] {0, 9, 12}, new int[] {4}, new int[] {1, 5});
        List<MicroBatches.Part> parts =
                new MicroBatches(new TrainedSteps.Random(fraction), 3).of(POSSIBLE, units, SplittableRandom::new);
        for (MicroBatches.Part part : parts) {
            List<Integer> rows = IntStream.of(part.rows()).boxed().toList();
            for (int[] unit : units) {
                long there = IntStream.of(unit).filter(rows::contains).count();
                assertThat(there).isIn(0L, (long) unit.length);
            }
            assertThat(rows.size()).isLessThanOrEqualTo(3);
        }
        assertThat(parts.stream().mapToDouble(MicroBatches.Part::share).sum()).isCloseTo(1, within(1e-12));
    }
}
