package org.imagerl.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.imagerl.spi.Progress;

/**
 * How far long work is: {@code stage 120/2000 | detail | 1.8 s/step | ETA 56 m | 2.4 GB}. On a terminal (the launcher then
 * gives its width as {@code imagerl.columns}) one line is redrawn, elsewhere it is a line a step, at most one a second.
 */
final class ProgressLine implements Progress, AutoCloseable {
    private static final long NANOS = 1_000_000_000L;

    private final PrintWriter err;
    private final BooleanSupplier stopped;
    private final LongSupplier nanoTime;
    private final int columns;
    private final long pause;

    private String stage = "";
    private long firstDone;
    private long firstTime;
    private long lastTime;
    private boolean open;

    ProgressLine(PrintWriter err, BooleanSupplier stopped, LongSupplier nanoTime) {
        this.err = err;
        this.stopped = stopped;
        this.nanoTime = nanoTime;
        this.columns = Integer.getInteger("imagerl.columns", 0);
        this.pause = columns > 0 ? NANOS / 10 : NANOS;
    }

    @Override
    public boolean stopped() {
        return stopped.getAsBoolean();
    }

    @Override
    public synchronized void update(String stage, long done, long total, String detail) {
        long now = nanoTime.getAsLong();
        boolean begins = !stage.equals(this.stage) || done < firstDone;
        if (begins) {
            this.stage = stage;
            firstDone = done;
            firstTime = now;
        }
        if (begins || done >= total || now - lastTime >= pause) {
            lastTime = now;
            print(line(done, total, detail, now));
        }
    }

    private String line(long done, long total, String detail, long now) {
        StringBuilder line = new StringBuilder(stage + " " + done + "/" + total);
        append(line, detail);
        if (done > firstDone) {
            double secondsPerStep = (now - firstTime) / (double) NANOS / (done - firstDone);
            append(line, String.format(Locale.ROOT, "%.3g s/step", secondsPerStep));
            append(line, "ETA " + duration(secondsPerStep * Math.max(0, total - done)));
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

    private void print(String line) {
        if (columns > 0) {
            String shown = line.substring(0, Math.min(line.length(), columns - 1));
            err.print("\r" + shown + "\033[K");
            open = true;
        } else {
            err.println(line);
        }
        err.flush();
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
