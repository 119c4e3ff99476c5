package org.imagerl.training.work;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.metric.Metrics;

/**
 * The results of the units of an update, as bytes.
 *
 * @param cost of computing it
 * @param outcomes of each unit
 * @param lengths of the gradient of each trained tensor, the same in all shards
 * @param shards that have gradients
 */
public record GradientResult(WorkCost cost, List<Measured> outcomes, SortedMap<String, Integer> lengths, int shards) {

    /** An outcome in numbers. */
    public record Measured(Map<String, Metrics.Value> metrics, boolean trained) {}

    /** The result, then the gradients of each shard, in parts. */
    public static List<byte[]> write(
            WorkCost cost, List<GradientExecutor.Outcome> outcomes, List<SortedMap<String, float[]>> gradients) {
        List<Measured> measured = outcomes.stream()
                .map(outcome -> new Measured(outcome.metrics().kept(), outcome.trained()))
                .toList();
        GradientResult result =
                new GradientResult(cost, measured, FloatParts.lengths(gradients.get(0)), gradients.size());
        List<byte[]> bytes = new ArrayList<>(List.of(WorkFormat.write(result)));
        gradients.forEach(shard -> bytes.addAll(FloatParts.write(shard, FloatParts.MAX_BYTES)));
        return bytes;
    }

    /** The result at the beginning of what {@link #write} gave. */
    public static GradientResult of(List<byte[]> bytes) {
        return WorkFormat.read(GradientResult.class, bytes.get(0));
    }

    /** The same, where the gradients of all shards have been added up and come without this in front. */
    public List<SortedMap<String, float[]>> sum(List<byte[]> parts) {
        return List.of(FloatParts.read(lengths, parts));
    }

    /** The outcomes to go on with. */
    public List<GradientExecutor.Outcome> toOutcomes() {
        return outcomes.stream()
                .map(outcome -> new GradientExecutor.Outcome(Metrics.of(outcome.metrics()), outcome.trained()))
                .toList();
    }

    /**
     * The gradients of each shard.
     *
     * @param bytes as {@link #write} gave them
     * @throws UserException if these are others
     */
    public List<SortedMap<String, float[]>> gradients(List<byte[]> bytes) {
        List<byte[]> parts = bytes.subList(1, bytes.size());
        if (shards < 1 || parts.size() % shards != 0) {
            throw UserException.input(
                    "gradients of " + shards + " shards: have " + parts.size() + " parts, expected as many of each");
        }
        int each = parts.size() / shards;
        List<SortedMap<String, float[]>> gradients = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            gradients.add(FloatParts.read(lengths, parts.subList(shard * each, (shard + 1) * each)));
        }
        return gradients;
    }
}
