package org.imagerl.rewards;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/**
 * A fixed number of threads that score pictures one by one. One picture per thread beats one picture on all threads and,
 * on a CPU, beats batches; and no picture's score can depend on another's.
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
        threads = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Calls {@code task} with 0 to {@code count - 1} and gives the results in that order.
     *
     * @throws CancellationException if the calling thread is interrupted
     * @throws RuntimeException what the first failing task threw; the others are finished all the same
     */
    public <T> List<T> map(int count, IntFunction<T> task) {
        List<Callable<T>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int index = i;
            calls.add(() -> task.apply(index));
        }
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> result : threads.invokeAll(calls)) {
                results.add(result.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while scoring");
        } catch (ExecutionException e) {
            throw unwrapped(e);
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
