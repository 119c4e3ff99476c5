package org.imagerl.toolkit.parallel;

import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.imagerl.spi.work.DaemonThreads;
import org.imagerl.toolkit.tensor.TorchEngine;
import org.jspecify.annotations.Nullable;

/**
 * Threads that run networks beside each other, each with its share of the threads that the engine has. The kernels of a small network
 * are too short to be worth dividing: two batches on a core each take less time than one after the other on both.
 */
public final class Workers implements AutoCloseable {
    private final List<ExecutorService> threads = new ArrayList<>();

    /** One of several tasks. */
    @FunctionalInterface
    public interface Task {
        /**
         * Does it.
         *
         * @param index of the task
         * @param worker that does it, from 0
         */
        void run(int index, int worker);
    }

    /** As many workers as shares of the engine's threads. */
    public Workers(int count) {
        this(count, count);
    }

    /**
     * @param count of workers
     * @param shares into which the engine's threads are divided, at least count: a worker has one of them, however many workers there are, so that
     *     what kernels compute does not depend on the count. Of one share the calling thread itself is the worker, with all threads
     */
    public Workers(int count, int shares) {
        if (count > shares) {
            throw new IllegalArgumentException(count + " workers cannot have " + shares + " shares of the threads");
        }
        if (shares == 1) {
            return;
        }
        TorchEngine.get(); // loads the library that is asked next
        int engine = JniUtils.getNumThreads();
        for (int i = 0; i < count; i++) {
            ExecutorService thread = Executors.newSingleThreadExecutor(DaemonThreads.named("worker " + i));
            threads.add(thread);
            CompletableFuture.runAsync(() -> begin(Math.max(1, engine / shares)), thread)
                    .join();
        }
        JniUtils.setNumThreads(engine); // which threads that are yet to come begin with
    }

    /** How many there are. */
    public int count() {
        return Math.max(1, threads.size());
    }

    private static void begin(int engineThreads) {
        JniUtils.getNumThreads(); // or the engine asks for its default later, and forgets what is said here
        JniUtils.setNumThreads(engineThreads);
        JniUtils.setGradMode(false);
    }

    /**
     * Runs tasks and waits for all. Worker w runs the tasks w, w + count, w + 2 count, ..., in this order, on every machine.
     *
     * @throws RuntimeException that a task threw first, or an Error; those of others are suppressed, tasks that had not begun by then are not run
     */
    public void run(int tasks, Task task) {
        if (threads.isEmpty()) {
            for (int i = 0; i < tasks; i++) {
                task.run(i, 0);
            }
            return;
        }
        AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (int i = 0; i < Math.min(tasks, threads.size()); i++) {
            int worker = i;
            running.add(CompletableFuture.runAsync(() -> work(worker, tasks, task, failed), threads.get(worker)));
        }
        running.forEach(CompletableFuture::join);
        Throwable failure = failed.get();
        if (failure instanceof RuntimeException thrown) {
            throw thrown;
        }
        if (failure instanceof Error thrown) {
            throw thrown;
        }
    }

    private void work(int worker, int tasks, Task task, AtomicReference<@Nullable Throwable> failed) {
        try {
            for (int i = worker; i < tasks && failed.get() == null; i += threads.size()) {
                task.run(i, worker);
            }
        } catch (RuntimeException | Error e) {
            if (!failed.compareAndSet(null, e)) {
                Objects.requireNonNull(failed.get()).addSuppressed(e);
            }
        }
    }

    @Override
    public void close() {
        threads.forEach(ExecutorService::shutdown);
    }
}
