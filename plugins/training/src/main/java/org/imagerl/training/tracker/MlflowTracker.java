package org.imagerl.training.tracker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.imagerl.spi.run.Tracker;
import org.jspecify.annotations.Nullable;

/**
 * Sends a run to a tracking server of MLflow. A server that does not answer never ends a training: what it lacks is in
 * {@code metrics.jsonl}, and is sent when it answers, by a later process too. An epoch that a resumed run measures again keeps on the
 * server the value that was measured first, which is the same on a CPU.
 */
final class MlflowTracker implements Tracker {
    /** Before a server that failed is asked again. */
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final MlflowServer server;
    private final String experiment;
    private final Clock clock;
    private final Consumer<String> notices;

    private @Nullable MlflowRun run;
    private @Nullable Path folder;
    private boolean ended;
    private boolean failing;
    private long pausedUntil;

    MlflowTracker(MlflowServer server, String experiment, Clock clock, Consumer<String> notices) {
        this.server = server;
        this.experiment = experiment;
        this.clock = clock;
        this.notices = notices;
    }

    private interface Request {
        void send() throws IOException;
    }

    @Override
    public void begin(Path run, long epoch) {
        MlflowRun there = new MlflowRun(server, experiment, run, clock, notices);
        this.run = there;
        folder = run;
        if (epoch < 0) {
            tried(there::beginAgain);
        }
        tried(there::send);
    }

    /** The numbers are in the run's log already, which is written before trackers get them. */
    @Override
    public void metrics(long epoch, SortedMap<String, Double> values) {
        sendUnlessPaused();
    }

    @Override
    public void images(long epoch, Path folder) {
        sendUnlessPaused();
    }

    private void sendUnlessPaused() {
        if (clock.millis() >= pausedUntil) {
            tried(run()::send);
        }
    }

    @Override
    public void end(boolean finished) {
        ended = true;
        tried(() -> {
            run().send();
            run().status(finished ? "FINISHED" : "KILLED");
        });
        if (failing) {
            notices.accept("warning: tracker mlflow: " + server.url() + " lacks the end of this run; when it answers,"
                    + " imagerl resume " + folder + " sends it");
        }
    }

    /** Without an end it is a failure that ends the run. */
    @Override
    public void close() {
        if (run != null && !ended && !failing) {
            tried(() -> run().status("FAILED"));
        }
        server.close();
    }

    private void tried(Request request) {
        try {
            request.send();
            if (failing) {
                notices.accept("tracker mlflow: " + server.url() + " answers, and has what was missing");
            }
            failing = false;
        } catch (IOException e) {
            run().forgetSteps();
            pausedUntil = clock.millis() + PAUSE.toMillis();
            if (!failing) {
                notices.accept("warning: tracker mlflow: " + server.url() + " " + e.getMessage()
                        + "; the training goes on, and what the server lacks is sent later");
            }
            failing = true;
        }
    }

    private MlflowRun run() {
        return Objects.requireNonNull(run, "used before begin");
    }
}
