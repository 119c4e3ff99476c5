package org.imagerl.scoring.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes connections that take too long. A limit on idle time alone is not enough: a client that sends one byte now and
 * then, or reads one, is never silent, and would have its connection for ever.
 */
final class Connections implements Connection.Listener {
    private static final long MAX_PERIOD_MS = 1000;

    private final Map<Connection, Long> deadlines = new ConcurrentHashMap<>();
    private final Scheduler scheduler;
    private final long idleNanos;
    private final long totalNanos;
    private final long periodMs;

    Connections(Scheduler scheduler, HttpServer.Limits limits) {
        this.scheduler = scheduler;
        this.idleNanos = limits.idle().toNanos();
        this.totalNanos = limits.total().plus(limits.idle()).toNanos(); // time to read the answer
        this.periodMs = Math.max(10, Math.min(MAX_PERIOD_MS, limits.idle().toMillis() / 4));
    }

    @Override
    public void onOpened(Connection connection) {
        deadlines.put(connection, System.nanoTime() + idleNanos);
    }

    @Override
    public void onClosed(Connection connection) {
        deadlines.remove(connection);
    }

    /** A request has come: its time begins, and that of the next one with its answer. */
    void begin(Request request) {
        Connection connection = request.getConnectionMetaData().getConnection();
        deadlines.replace(connection, System.nanoTime() + totalNanos);
        Request.addCompletionListener(request, failure -> deadlines.replace(connection, System.nanoTime() + idleNanos));
    }

    /** Looks for overdue connections, again and again until the scheduler is stopped. */
    void watch() {
        long now = System.nanoTime();
        deadlines.forEach((connection, deadline) -> {
            if (deadline - now < 0) {
                deadlines.remove(connection);
                connection.getEndPoint().close(new TimeoutException("too slow"));
            }
        });
        scheduler.schedule(this::watch, periodMs, TimeUnit.MILLISECONDS);
    }
}
