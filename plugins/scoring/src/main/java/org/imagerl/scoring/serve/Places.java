package org.imagerl.scoring.serve;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.imagerl.scoring.http.Refusal;
import org.imagerl.spi.work.DaemonThreads;
import org.jspecify.annotations.Nullable;

/**
 * The threads that score, one request each at a time, and a queue of limited length before them. A request that finds
 * the queue full is refused.
 */
final class Places implements AutoCloseable {
    private final int count;
    private final Semaphore free;
    private final int waiting;
    private final ThreadPoolExecutor threads;

    Places(int count, int waiting) {
        this.count = count;
        this.waiting = waiting;
        this.free = new Semaphore(count + waiting);
        this.threads = new ThreadPoolExecutor(
                count, count, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), DaemonThreads.named("reward-server"));
    }

    /**
     * Work that is in the queue or runs on a thread. Its place is free again when the work has really ended, whether or
     * not it was asked to stop.
     */
    final class Job implements Runnable {
        private final Runnable work;

        @Nullable
        private Thread thread;

        private Job(Runnable work) {
            this.work = work;
        }

        @Override
        public void run() {
            bind(Thread.currentThread());
            try {
                work.run();
            } finally {
                bind(null);
                free.release();
            }
        }

        private synchronized void bind(@Nullable Thread own) {
            thread = own;
            if (own == null) {
                Thread.interrupted(); // an interrupt of this request must not end the next one
            }
        }

        /** Begins; to be called once. */
        void start() {
            threads.execute(this);
        }

        /**
         * Takes the work out of the queue, or asks it to end.
         *
         * @return whether it has never begun
         */
        boolean cancel() {
            if (threads.remove(this)) {
                free.release();
                return true;
            }
            interrupt();
            return false;
        }

        private synchronized void interrupt() {
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /** Refuses when all places are taken, before more of a request is read. */
    void requireFree() throws Refusal {
        if (free.availablePermits() == 0) {
            throw busy();
        }
    }

    private Refusal busy() {
        return new Refusal(503, "busy with " + count + " requests, and " + waiting + " wait; try again");
    }

    /** Takes a place for work. */
    Job take(Runnable work) throws Refusal {
        if (!free.tryAcquire()) {
            throw busy();
        }
        return new Job(work);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
