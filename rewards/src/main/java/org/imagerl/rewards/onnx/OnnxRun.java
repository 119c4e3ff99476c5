package org.imagerl.rewards.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.imagerl.spi.work.DaemonThreads;
import org.imagerl.spi.work.NativeWork;
import org.imagerl.spi.work.TimeLimit;

/**
 * A run of a model that is in flight. It gives up, between two nodes of the graph, when the image has taken too long, when the session is
 * closed, and when the process ends.
 */
final class OnnxRun implements AutoCloseable {
    private static final ScheduledThreadPoolExecutor CLOCK = clock();

    private final OrtSession.RunOptions options = new OrtSession.RunOptions();
    private final NativeWork work;
    private final Future<?> alarm;
    private final TimeLimit limit;
    private boolean returned;
    private volatile boolean late;

    private OnnxRun(TimeLimit limit) throws OrtException {
        this.limit = limit;
        try {
            this.work = NativeWork.begin(this::giveUp);
        } catch (RuntimeException e) {
            options.close();
            throw e;
        }
        this.alarm = CLOCK.schedule(this::tooLate, limit.left().toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Begins one under the time limit of this thread.
     *
     * @throws java.util.concurrent.CancellationException if the process is ending
     */
    static OnnxRun begin() throws OrtException {
        return new OnnxRun(TimeLimit.here());
    }

    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1, DaemonThreads.named("onnx-time-limit"));
        clock.setRemoveOnCancelPolicy(true);
        return clock;
    }

    /** To run with. */
    OrtSession.RunOptions options() {
        return options;
    }

    /** The error to throw in the place of the run's own: says which limit it was, if it was one. */
    OrtException failure(OrtException e) {
        return late
                ? new OrtException("the model had not finished after " + limit
                        + ", the time_limit_s of the reward for one image: raise it if the model is slow; a graph with an"
                        + " endless loop never finishes")
                : e;
    }

    private void tooLate() {
        late = true;
        giveUp();
    }

    /** Asks for an early return, from any thread; after the return it does nothing. */
    synchronized void giveUp() {
        if (returned) {
            return;
        }
        try {
            options.setTerminate(true);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime does not take a request to stop", e);
        }
    }

    @Override
    public void close() {
        alarm.cancel(false);
        synchronized (this) {
            returned = true;
            options.close();
        }
        work.returned();
    }
}
