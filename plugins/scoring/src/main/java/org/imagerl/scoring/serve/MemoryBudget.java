package org.imagerl.scoring.serve;

import java.util.concurrent.atomic.AtomicLong;
import org.imagerl.scoring.http.Refusal;

/** The memory that requests take together. No request waits for memory: if there is not enough, it is refused. */
final class MemoryBudget {
    private final long bytes;
    private final AtomicLong taken = new AtomicLong();

    MemoryBudget(long bytes) {
        this.bytes = bytes;
    }

    /** One request's share of the budget; it grows as the request does, and is given back at once. */
    final class Share implements AutoCloseable {
        private long mine;
        private boolean closed;

        /**
         * Takes more.
         *
         * @param more in bytes
         * @throws Refusal 413 if it never fits, 503 if it may later
         */
        synchronized void grow(long more) throws Refusal {
            if (closed) {
                throw new Refusal(503, "the request has taken too long");
            }
            if (mine + more > bytes) {
                throw new Refusal(
                        413,
                        "the request takes more memory than the " + (bytes >> 20)
                                + " MiB that the server has for it; send fewer images");
            }
            if (taken.addAndGet(more) > bytes) {
                taken.addAndGet(-more);
                throw new Refusal(503, "no memory is left beside other requests; try again");
            }
            mine += more;
        }

        @Override
        public synchronized void close() {
            closed = true;
            taken.addAndGet(-mine);
            mine = 0;
        }
    }

    Share share() {
        return new Share();
    }

    /** What is taken now, in bytes. */
    long taken() {
        return taken.get();
    }
}
