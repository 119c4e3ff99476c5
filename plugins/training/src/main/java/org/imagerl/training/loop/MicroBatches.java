package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
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
 * @param size most samples of a micro-batch
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
     * The micro-batches of an update. Where every sample has steps of its own, a micro-batch has samples that train the same step: the
     * denoiser is asked about as many latents as if all had the same steps.
     *
     * @param possible the steps that can be trained, ascending
     * @param rows the samples of the update
     * @param choices the random stream of a sample
     */
    List<Part> of(int[] possible, int[] rows, IntFunction<SplittableRandom> choices) {
        if (trainedSteps instanceof TrainedSteps.Random some && possible.length > 0) {
            int count = Math.max(1, (int) (some.fraction() * possible.length));
            return byStep(possible, count, rows, choices);
        }
        int[] steps = trainedSteps instanceof TrainedSteps.Fixed fixed
                ? Arrays.stream(possible).filter(fixed.steps()::contains).toArray()
                : possible;
        return cut(rows, steps, rows.length);
    }

    private List<Part> byStep(int[] possible, int count, int[] rows, IntFunction<SplittableRandom> choices) {
        SortedMap<Integer, List<Integer>> samples = new TreeMap<>();
        for (int row : rows) {
            for (int step : random(possible, count, choices.apply(row))) {
                samples.computeIfAbsent(step, key -> new ArrayList<>()).add(row);
            }
        }
        List<Part> parts = new ArrayList<>();
        samples.forEach((step, chosen) -> parts.addAll(cut(ints(chosen), new int[] {step}, rows.length * count)));
        return parts;
    }

    /** @param whole samples, or samples and steps, behind the update */
    private List<Part> cut(int[] rows, int[] steps, int whole) {
        List<Part> parts = new ArrayList<>();
        for (int from = 0; from < rows.length; from += size) {
            int[] micro = Arrays.copyOfRange(rows, from, Math.min(rows.length, from + size));
            parts.add(new Part(micro, steps, (double) micro.length / whole));
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

    private static int[] ints(Collection<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}
