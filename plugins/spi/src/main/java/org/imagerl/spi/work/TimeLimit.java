package org.imagerl.spi.work;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * The time limit for scoring one image, on this thread and on the threads that work for it. Code that scores sets a
 * limit with {@link #within}; a pool of threads starts the clock for each image ({@link #start}); code that makes calls
 * which may never return asks {@link #left}.
 *
 * @param perImage of one image, or of a batch that is computed together
 * @param deadlineNanos {@link System#nanoTime} at which the image at hand has taken too long; 0 while none is at hand
 */
public record TimeLimit(Duration perImage, long deadlineNanos) {
    /** Where nobody has set one: twenty times what the slowest of the known scorers takes on two cores. */
    public static final Duration USUAL = Duration.ofMinutes(2);

    private static final ThreadLocal<TimeLimit> HERE = ThreadLocal.withInitial(() -> new TimeLimit(USUAL, 0));

    /** The limit of this thread. */
    public static TimeLimit here() {
        return HERE.get();
    }

    /** Does something under another limit. */
    public static <T> T within(Duration perImage, Supplier<T> body) {
        return under(new TimeLimit(perImage, 0), body);
    }

    /** Does something with one image, on a thread that works for the one that this limit is from: its time begins now. */
    public <T> T start(Supplier<T> body) {
        return under(new TimeLimit(perImage, System.nanoTime() + perImage.toNanos()), body);
    }

    private static <T> T under(TimeLimit limit, Supplier<T> body) {
        TimeLimit before = HERE.get();
        HERE.set(limit);
        try {
            return body.get();
        } finally {
            HERE.set(before);
        }
    }

    /**
     * The time that is left for the image that is being scored, not negative; the whole limit if no image is being
     * scored.
     */
    public Duration left() {
        return deadlineNanos == 0 ? perImage : Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
    }

    /** {@code 120 s}. */
    @Override
    public String toString() {
        return (perImage.toMillis() % 1000 == 0 ? "" + perImage.toSeconds() : "" + perImage.toMillis() / 1000.0) + " s";
    }
}
