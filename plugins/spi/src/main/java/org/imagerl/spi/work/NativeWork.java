package org.imagerl.spi.work;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;

/**
 * A call of a native library that is in flight on some thread. A process that ends meanwhile runs the library's
 * destructors while the call still uses the library, and crashes; so code that ends the process calls {@link #end}
 * first. Begin it before the call, and say when that has returned:
 *
 * <pre>{@code
 * NativeWork call = NativeWork.begin(options::terminate);
 * try {
 *     library.run(options);
 * } finally {
 *     call.returned();
 * }
 * }</pre>
 */
public final class NativeWork {
    private static final Set<NativeWork> IN_FLIGHT = new HashSet<>();
    /** Guarded by {@link #IN_FLIGHT}. */
    private static boolean ending;

    private final Runnable giveUp;

    private NativeWork(Runnable giveUp) {
        this.giveUp = giveUp;
    }

    /**
     * Says that a call begins.
     *
     * @param giveUp asks the call to return early, from another thread; does nothing for a call that cannot
     * @throws CancellationException if the process is ending: nothing new may begin
     */
    public static NativeWork begin(Runnable giveUp) {
        NativeWork work = new NativeWork(giveUp);
        synchronized (IN_FLIGHT) {
            if (ending) {
                throw new CancellationException("the process is ending");
            }
            IN_FLIGHT.add(work);
        }
        return work;
    }

    /**
     * Lets nothing new begin, asks all that is in flight to give up, and waits for it.
     *
     * @param patience how long to wait
     * @return whether nothing is in flight any more
     */
    public static boolean end(Duration patience) {
        List<NativeWork> asked;
        synchronized (IN_FLIGHT) {
            ending = true;
            asked = List.copyOf(IN_FLIGHT);
        }
        asked.forEach(work -> work.giveUp.run());
        return quiet(patience);
    }

    /** For tests: takes {@link #end} back. */
    static void restart() {
        synchronized (IN_FLIGHT) {
            ending = false;
        }
    }

    private static boolean quiet(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        synchronized (IN_FLIGHT) {
            long left = patience.toMillis();
            while (!IN_FLIGHT.isEmpty() && left > 0) {
                try {
                    IN_FLIGHT.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
                left = (end - System.nanoTime()) / 1_000_000;
            }
            return IN_FLIGHT.isEmpty();
        }
    }

    /** Says that the call has returned; may be called again. */
    public void returned() {
        synchronized (IN_FLIGHT) {
            IN_FLIGHT.remove(this);
            IN_FLIGHT.notifyAll();
        }
    }
}
