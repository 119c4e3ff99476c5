package org.imagerl.cli;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.imagerl.spi.Progress;

/**
 * How far long work is: {@code epoch 120/2000 | detail | 1.8 s/step | ETA 56 m | 2.4 GB}. On a terminal (the launcher then
 * gives its width as {@code imagerl.columns}) one line is redrawn. Elsewhere every update that has a detail is a line; those
 * without are steps of a step, of which one in ten seconds is enough.
 */
final class ProgressLine implements Progress, AutoCloseable {
    private static final double NANOS = 1e9;
    private static final long REDRAW_NANOS = 100_000_000L;
    private static final long QUIET_NANOS = 10_000_000_000L;

    private final PrintWriter err;
    private final BooleanSupplier stopped;
    private final LongSupplier nanoTime;
    private final int columns;
    private final Map<String, Pace> paces = new HashMap<>();

    /** The last update with a detail, shown behind the steps of its steps. */
    private String headline = "";

    private long lastPrint;
    private boolean open;

    /** Where a stage stood when it was first heard of, and last. */
    private record Pace(long firstDone, long firstTime, long done, long time) {

        Pace at(long nextDone, long now) {
            return nextDone > done
                    ? new Pace(firstDone, firstTime, nextDone, now)
                    : new Pace(nextDone, now, nextDone, now);
        }

        boolean known() {
            return done > firstDone;
        }

        double secondsPerStep() {
            return (time - firstTime) / NANOS / (done - firstDone);
        }
    }

    ProgressLine(PrintWriter err, BooleanSupplier stopped, LongSupplier nanoTime) {
        this.err = err;
        this.stopped = stopped;
        this.nanoTime = nanoTime;
        this.columns = Integer.getInteger("imagerl.columns", 0);
        this.lastPrint = nanoTime.getAsLong();
    }

    @Override
    public boolean stopped() {
        return stopped.getAsBoolean();
    }

    @Override
    public synchronized void update(String stage, long done, long total, String detail) {
        long now = nanoTime.getAsLong();
        Pace pace = paces.containsKey(stage) ? paces.get(stage).at(done, now) : new Pace(done, now, done, now);
        paces.put(stage, pace);
        String line = line(stage, done, total, detail, pace);
        if (columns > 0) {
            redraw(line, !detail.isEmpty(), done >= total, now);
        } else if (!detail.isEmpty() || now - lastPrint >= QUIET_NANOS) {
            lastPrint = now;
            err.println(line);
            err.flush();
        }
    }

    private static String line(String stage, long done, long total, String detail, Pace pace) {
        StringBuilder line = new StringBuilder(stage + " " + done + "/" + total);
        append(line, detail);
        if (pace.known()) {
            append(line, String.format(Locale.ROOT, "%.3g s/step", pace.secondsPerStep()));
            append(line, "ETA " + duration(pace.secondsPerStep() * Math.max(0, total - done)));
        }
        long resident = Memory.residentBytes();
        append(line, resident > 0 ? Memory.gigabytes(resident) : "");
        return line.toString();
    }

    private static void append(StringBuilder line, String part) {
        if (!part.isEmpty()) {
            line.append(" | ").append(part);
        }
    }

    /** {@code 42 s}, {@code 56 m}, {@code 3 h 07 m}. */
    static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 100) {
            return whole + " s";
        }
        long minutes = Math.round(seconds / 60);
        return minutes < 100 ? minutes + " m" : String.format(Locale.ROOT, "%d h %02d m", minutes / 60, minutes % 60);
    }

    private void redraw(String line, boolean detailed, boolean last, long now) {
        if (detailed) {
            headline = line;
        }
        if (!detailed && !last && now - lastPrint < REDRAW_NANOS) {
            return;
        }
        lastPrint = now;
        String shown = detailed || headline.isEmpty() ? line : line + "  <  " + headline;
        err.print("\r" + shown.substring(0, Math.min(shown.length(), columns - 1)) + "\033[K");
        err.flush();
        open = true;
    }

    /** Ends the line, so that something else can be printed; the next update draws it anew. */
    synchronized void finishLine() {
        if (open) {
            err.println();
            open = false;
        }
    }

    @Override
    public void close() {
        finishLine();
        err.flush();
    }
}
