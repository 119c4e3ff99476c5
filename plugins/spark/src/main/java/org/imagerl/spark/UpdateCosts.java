package org.imagerl.spark;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measures what updates cost beyond their computing. */
final class UpdateCosts {
    private long updates;
    private long ownNanos;
    private long bytes;

    /**
     * How long an executor has computed for a shard.
     *
     * @param executor as Spark calls it
     */
    record Busy(String executor, long nanos) {}

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
        updates++;
        ownNanos +=
                nanos - busy.values().stream().mapToLong(Long::longValue).max().orElse(0);
        this.bytes += bytes;
    }

    /** A line for the user; empty if there was no update. */
    String line() {
        return updates == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "Spark: %d updates; each took %.2f s beside the computing of the busiest executor, and %.2f MB of"
                                + " weights and gradient per executor",
                        updates,
                        ownNanos / 1e9 / updates,
                        bytes / 1e6 / updates);
    }
}
