package org.imagerl.spark;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.PolicyMemory;
import org.jspecify.annotations.Nullable;

/** The policy of the run on its way to the executors: one broadcast for each version that work is asked at, kept while a rollout may need it again. */
final class PolicyBroadcasts implements AutoCloseable {
    private final JavaSparkContext spark;
    private final OpenRun run;
    private @Nullable Lease newest;
    private @Nullable List<Long> version;

    PolicyBroadcasts(JavaSparkContext spark, OpenRun run) {
        this.spark = spark;
        this.run = run;
    }

    /** A version that is kept until the lease is closed. */
    static final class Lease implements AutoCloseable {
        private final Broadcast<byte[][]> memory;
        private final long bytes;
        private int holders = 1;

        Lease(Broadcast<byte[][]> memory, long bytes) {
            this.memory = memory;
            this.bytes = bytes;
        }

        Broadcast<byte[][]> memory() {
            return memory;
        }

        @Override
        public void close() {
            holders--;
            if (holders == 0) {
                memory.destroy();
            }
        }
    }

    /** The present version, for work at this moment. */
    Broadcast<byte[][]> memory() {
        return lease().memory();
    }

    /** The size of the present version. */
    long bytes() {
        return lease().bytes;
    }

    /** The present version, for as long as the lease is open. */
    Lease current() {
        Lease lease = lease();
        lease.holders++;
        return lease;
    }

    private Lease lease() {
        List<Long> now = PolicyMemory.version(run);
        Lease lease = newest;
        if (lease == null || !now.equals(version)) {
            if (lease != null) {
                lease.close();
            }
            byte[][] parts = PolicyMemory.write(run).toArray(byte[][]::new);
            lease = new Lease(
                    spark.broadcast(parts),
                    Arrays.stream(parts).mapToLong(part -> part.length).sum());
            newest = lease;
            version = now;
        }
        return lease;
    }

    @Override
    public void close() {
        if (newest != null) {
            newest.close();
            newest = null;
        }
    }
}
