package org.imagerl.spi.work;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntFunction;

/**
 * A fixed number of threads that decode or score images one by one. One image per thread beats one image on all threads and,
 * on a CPU, beats batches; and no image's score can depend on another's.
 */
public final class Workers implements AutoCloseable {
    private final ExecutorService threads;

    /**
     * Starts no thread yet.
     *
     * @param count threads, at least 1
     * @param name of the threads
     */
    public Workers(int count, String name) {
        threads = Executors.newFixedThreadPool(count, DaemonThreads.named(name));
    }

    /**
     * Calls {@code task} with 0 to {@code count - 1}, each under the {@link TimeLimit} of the calling thread, and gives the results in that
     * order. However it ends, none of the tasks is running afterwards: what they use may be freed.
     *
     * @throws CancellationException if the calling thread is interrupted, or this is closed; tasks that have begun are interrupted and waited for
     * @throws RuntimeException what the first failing task threw; the others are finished all the same
     */
    public <T> List<T> map(int count, IntFunction<T> task) {
        TimeLimit limit = TimeLimit.here();
        List<Job<T>> jobs = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                int index = i;
                Job<T> job = new Job<>(() -> limit.start(() -> task.apply(index)));
                threads.execute(job);
                jobs.add(job);
            }
            for (Job<T> job : jobs) {
                job.over.await();
            }
            List<T> results = new ArrayList<>();
            for (Job<T> job : jobs) {
                results.add(job.get());
            }
            return results;
        } catch (InterruptedException e) {
            jobs.forEach(job -> job.cancel(true));
            waitFor(jobs);
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while scoring");
        } catch (RejectedExecutionException e) {
            waitFor(jobs);
            throw new CancellationException("the reward is closed");
        } catch (ExecutionException e) {
            throw unwrapped(e);
        }
    }

    private static void waitFor(List<? extends Job<?>> jobs) {
        for (Job<?> job : jobs) {
            boolean over = false;
            while (!over) {
                try {
                    job.over.await();
                    over = true;
                } catch (InterruptedException e) {
                    // the caller is interrupted already
                }
            }
        }
    }

    /** A task that says when its thread has left it, which a cancelled future does not. */
    private static final class Job<T> extends FutureTask<T> {
        private final CountDownLatch over = new CountDownLatch(1);

        Job(Callable<T> task) {
            super(task);
        }

        @Override
        public void run() {
            try {
                super.run();
            } finally {
                over.countDown();
            }
        }
    }

    /** The task's own exception where the compiler lets it through; tasks throw no checked ones. */
    private static RuntimeException unwrapped(ExecutionException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e);
    }

    /** Lets running tasks finish; may be called again. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
