package org.imagerl.spi.io;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.imagerl.spi.work.DaemonThreads;

/**
 * Requests over HTTP whose answers come whole and in time, or not at all. HttpClient's own timeout ends with the headers of an answer.
 * Redirections are not followed: a token would go to another server.
 */
public final class HttpExchange implements AutoCloseable {
    private final HttpClient client;
    private final ExecutorService requests;

    /**
     * An answer.
     *
     * @param status of HTTP
     * @param body the first bytes of it
     * @param cut whether there were more
     */
    public record Answer(int status, byte[] body, boolean cut) {}

    /**
     * Opens no connection yet.
     *
     * @param name of the threads that wait for answers
     * @param connect how long to wait for a connection
     */
    public HttpExchange(String name, Duration connect) {
        client = HttpClient.newBuilder()
                .connectTimeout(connect)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        requests = Executors.newCachedThreadPool(DaemonThreads.named(name));
    }

    /**
     * Sends a request and waits for the answer.
     *
     * @param limit from sending it to the last byte of the answer
     * @param maxBytes of the body that are read
     * @throws HttpTimeoutException if the time is over
     * @throws IOException if nobody answers
     * @throws CancellationException if this thread is interrupted
     */
    public Answer send(HttpRequest request, Duration limit, int maxBytes) throws IOException {
        Future<Answer> future = requests.submit(() -> {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                byte[] body = in.readNBytes(maxBytes);
                return new Answer(response.statusCode(), body, in.read() >= 0);
            }
        });
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw new HttpTimeoutException("no answer within " + limit.toMillis() / 1000.0 + " s");
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for a server");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException problem) {
                throw problem;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** What went wrong, for people: some exceptions of connections have no message. */
    public static String reason(IOException problem) {
        String message = problem.getMessage();
        String what = message == null ? problem.getClass().getSimpleName() : message;
        boolean late = problem instanceof HttpTimeoutException && !(problem instanceof HttpConnectTimeoutException);
        return late ? what : "cannot be reached: " + what;
    }

    @Override
    public void close() {
        requests.shutdownNow();
    }
}
