package org.imagerl.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measures what updates cost beyond their computing. */
final class UpdateCosts {
    private final List<Double> seconds = new ArrayList<>();
    private long bytes;

    /**
     * How long an executor has computed for a shard.
     *
     * @param executor as Spark calls it
     */
    record Busy(String executor, long nanos) implements Serializable {}

    /**
     * An update was computed.
     *
     * @param nanos from its begin to its end
     * @param shards how long each was computed
     * @param bytes of the weights that an executor received for it, and of a gradient
     */
    void add(long nanos, List<Busy> shards, long bytes) {
        Map<String, Long> busy = new HashMap<>();
        shards.forEach(shard -> busy.merge(shard.executor(), shard.nanos(), Long::sum));
        seconds.add(
                (nanos - busy.values().stream().mapToLong(Long::longValue).max().orElse(0)) / 1e9);
        this.bytes += bytes;
    }

    /** A line for the user; empty if there was no update. */
    String line() {
        List<Double> ordered = seconds.stream().sorted().toList();
        int updates = ordered.size();
        return updates == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "Spark: %d updates; each took %.2f s beside the computing of the busiest executor (median; mean"
                                + " %.2f s), and %.2f MB of weights and gradient per executor",
                        updates,
                        ordered.get(updates / 2),
                        ordered.stream().mapToDouble(Double::doubleValue).sum() / updates,
                        bytes / 1e6 / updates);
    }
}
