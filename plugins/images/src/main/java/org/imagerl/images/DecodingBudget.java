package org.imagerl.images;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import javax.imageio.IIOException;
import org.imagerl.spi.UserException;

/**
 * The memory that images may take at a time while they are decoded, for all threads of this Java together: each image may be
 * as large as {@link ImageDecoder} allows, several at a time need not fit. Who comes first is served first.
 */
final class DecodingBudget {
    /** Of files that are in memory as bytes: a quarter of the heap. */
    static final DecodingBudget FILES = new DecodingBudget(Runtime.getRuntime().maxMemory() / 4, "its file");
    /** Of samples and colours: half of the heap. */
    static final DecodingBudget PIXELS = new DecodingBudget(Runtime.getRuntime().maxMemory() / 2, "its pixels");

    private static final int UNIT_BYTES = 1 << 10;

    private final int units;
    private final String what;
    private final Semaphore free;

    /**
     * A budget.
     *
     * @param bytes in all
     * @param what takes them, for messages
     */
    DecodingBudget(long bytes, String what) {
        this.units = units(bytes);
        this.what = what;
        this.free = new Semaphore(units, true);
    }

    private static int units(long bytes) {
        return (int) Math.min(Integer.MAX_VALUE, bytes / UNIT_BYTES + 1);
    }

    /** What is done when there is room for it. */
    interface Reading<T> {
        T read() throws IOException;
    }

    /**
     * Does something when there is room for it.
     *
     * @param bytes that it takes
     * @param name of the file, for messages
     * @throws UserException if it never fits
     * @throws CancellationException if the thread is interrupted while it waits
     */
    <T> T run(long bytes, String name, Supplier<T> task) {
        if (units(bytes) > units) {
            throw new UserException(
                    UserException.Kind.RESOURCES, name + " cannot be read as an image: " + tooLarge(bytes));
        }
        acquire(bytes);
        try {
            return task.get();
        } finally {
            free.release(units(bytes));
        }
    }

    /**
     * The same for what may fail.
     *
     * @throws IOException if it never fits, or the task throws it
     */
    <T> T runReading(long bytes, Reading<T> task) throws IOException {
        if (units(bytes) > units) {
            throw new IIOException(tooLarge(bytes));
        }
        acquire(bytes);
        try {
            return task.read();
        } finally {
            free.release(units(bytes));
        }
    }

    private void acquire(long bytes) {
        try {
            free.acquire(units(bytes));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for memory");
        }
    }

    private String tooLarge(long bytes) {
        return what + " would take " + mebibytes(bytes) + " of memory, and "
                + mebibytes((long) units * UNIT_BYTES) + " of this Java's are for that; raise it, for instance with"
                + " IMAGERL_JAVA_OPTS=-Xmx8g, or make the image smaller";
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
