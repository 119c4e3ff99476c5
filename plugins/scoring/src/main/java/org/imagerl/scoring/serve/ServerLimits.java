package org.imagerl.scoring.serve;

import java.time.Duration;

/**
 * The limits on requests.
 *
 * @param requestBytes of the body of one request
 * @param pixels of all images of one request together
 * @param concurrency requests that are scored at a time
 * @param waiting further requests that wait for their turn; more are refused
 * @param connections that are open at a time; others wait in the queue of the operating system
 * @param idle the longest silence, and the longest time from the opening of a connection, or the answer before, to the
 *     end of the next headers
 * @param reading the longest time from the end of the headers to the end of the body
 * @param total the longest time from the end of the headers to the answer
 */
public record ServerLimits(
        long requestBytes,
        long pixels,
        int concurrency,
        int waiting,
        int connections,
        Duration idle,
        Duration reading,
        Duration total) {
    /** Most images of one request: as many as the largest batch of our own client. */
    static final int IMAGES = 4096;

    /** Levels of nesting of a request: the protocols have four. */
    static final int DEPTH = 32;
    /** Values of a request: each is an object in memory, some thirty times as large as the two bytes that it may be written with. */
    static final long VALUES = 500_000;

    private static final long PIXELS = 1 << 26;
    private static final int CONNECTIONS = 256;
    private static final int WAITING = 64;

    /** The usual ones, with these. */
    public static ServerLimits of(long requestBytes, int concurrency) {
        return new ServerLimits(
                requestBytes,
                PIXELS,
                concurrency,
                WAITING,
                CONNECTIONS,
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofSeconds(600));
    }

    /** The same with other numbers of pixels and other times. */
    public ServerLimits with(long otherPixels, Duration otherReading, Duration otherTotal) {
        return new ServerLimits(
                requestBytes, otherPixels, concurrency, waiting, connections, idle, otherReading, otherTotal);
    }

    /** The same with another longest silence. */
    ServerLimits withIdle(Duration other) {
        return new ServerLimits(requestBytes, pixels, concurrency, waiting, connections, other, reading, total);
    }

    /** The same with another number of requests that wait. */
    public ServerLimits withWaiting(int other) {
        return new ServerLimits(requestBytes, pixels, concurrency, other, connections, idle, reading, total);
    }
}
