package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.imagerl.training.config.TrainedSteps;

/**
 * How an update is cut into micro-batches.
 *
 * @param trainedSteps which steps of a trajectory are trained
 * @param size most samples of a micro-batch that has more than one unit
 */
record MicroBatches(TrainedSteps trainedSteps, int size) {

    /**
     * One micro-batch.
     *
     * @param rows samples of the epoch
     * @param steps that are trained of each of them, ascending
     * @param share of the update: all shares add up to 1
     */
    record Part(int[] rows, int[] steps, double share) {}

    /**
     * The micro-batches of an update. Where every unit has steps of its own, a micro-batch has units that train the same step: the
     * denoiser is asked about as many latents as if all had the same steps.
     *
     * @param possible the steps that can be trained, ascending
     * @param units of the update: the samples of each, which are never split
     * @param choices the random stream of a unit, by its first sample
     */
    List<Part> of(int[] possible, List<int[]> units, IntFunction<SplittableRandom> choices) {
        if (trainedSteps instanceof TrainedSteps.Random some && possible.length > 0) {
            int count = Math.max(1, (int) (some.fraction() * possible.length));
            return byStep(possible, count, units, choices);
        }
        int[] steps = trainedSteps instanceof TrainedSteps.Fixed fixed
                ? Arrays.stream(possible).filter(fixed.steps()::contains).toArray()
                : possible;
        return cut(units, steps, samples(units));
    }

    private static int samples(List<int[]> units) {
        return units.stream().mapToInt(unit -> unit.length).sum();
    }

    private List<Part> byStep(int[] possible, int count, List<int[]> units, IntFunction<SplittableRandom> choices) {
        SortedMap<Integer, List<int[]>> ofSteps = new TreeMap<>();
        for (int[] unit : units) {
            for (int step : random(possible, count, choices.apply(unit[0]))) {
                ofSteps.computeIfAbsent(step, key -> new ArrayList<>()).add(unit);
            }
        }
        List<Part> parts = new ArrayList<>();
        int whole = samples(units) * count;
        ofSteps.forEach((step, chosen) -> parts.addAll(cut(chosen, new int[] {step}, whole)));
        return parts;
    }

    /** @param whole samples, or samples and steps, behind the update */
    private List<Part> cut(List<int[]> units, int[] steps, int whole) {
        List<Part> parts = new ArrayList<>();
        for (int from = 0; from < units.size(); ) {
            int to = from + 1;
            int taken = units.get(from).length;
            while (to < units.size() && taken + units.get(to).length <= size) {
                taken += units.get(to).length;
                to++;
            }
            int[] micro = units.subList(from, to).stream()
                    .flatMapToInt(Arrays::stream)
                    .toArray();
            parts.add(new Part(micro, steps, (double) micro.length / whole));
            from = to;
        }
        return parts;
    }

    /** The micro-batches that train a step, with this step alone. */
    static List<Part> only(List<Part> parts, int step) {
        List<Part> with = parts.stream()
                .filter(part -> Arrays.stream(part.steps).anyMatch(each -> each == step))
                .toList();
        int samples = with.stream().mapToInt(part -> part.rows.length).sum();
        return with.stream()
                .map(part -> new Part(part.rows, new int[] {step}, (double) part.rows.length / samples))
                .toList();
    }

    private static int[] random(int[] from, int count, SplittableRandom choices) {
        int[] pool = from.clone();
        for (int i = 0; i < count; i++) {
            int j = i + choices.nextInt(pool.length - i);
            int swapped = pool[i];
            pool[i] = pool[j];
            pool[j] = swapped;
        }
        return Arrays.stream(pool, 0, count).sorted().toArray();
    }
}
