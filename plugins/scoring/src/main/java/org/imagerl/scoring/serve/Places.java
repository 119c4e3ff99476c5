package org.imagerl.scoring.serve;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.imagerl.scoring.http.Refusal;
import org.imagerl.spi.work.DaemonThreads;
import org.jspecify.annotations.Nullable;

/** The threads that score, a place for one request each. Nobody waits for a place: who finds none is refused. */
final class Places implements AutoCloseable {
    private final int count;
    private final Semaphore free;
    private final ExecutorService threads;

    Places(int count) {
        this.count = count;
        this.free = new Semaphore(count);
        this.threads = Executors.newFixedThreadPool(count, DaemonThreads.named("reward-server"));
    }

    /** Work in a place, which is free when the work has really ended, asked to or not. */
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
                Thread.interrupted(); // is not for the next request
            }
        }

        /** Begins; to be called once. */
        void start() {
            threads.execute(this);
        }

        /** Asks the work to end. */
        synchronized void interrupt() {
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
        return new Refusal(503, "busy with " + count + " requests; try again");
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
