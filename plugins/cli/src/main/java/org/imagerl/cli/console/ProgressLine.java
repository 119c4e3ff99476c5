package org.imagerl.cli.console;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.imagerl.spi.Progress;
import org.imagerl.spi.text.Quote;
import org.imagerl.spi.work.Memory;

/**
 * The progress of long work: {@code epoch 120/2000 | reward 0.412 | held-out 0.398 | 28.1 s/epoch | ETA 56 m | 2.4 GB}.
 * On a terminal (the launcher then gives its width as {@code imagerl.columns}) one line is redrawn; parts that do not
 * fit are left out completely, the least important first. Elsewhere every update with a detail is a line; updates
 * without a detail are parts of a step, and at most one in ten seconds is printed.
 *
 * <p>The pace is that of the stage that has results: seconds per epoch in a training. Its parts say only how far they
 * are.
 */
public final class ProgressLine implements Progress, AutoCloseable {
    private static final String SEPARATOR = " | ";
    private static final String BEHIND = "  <  ";
    private static final double NANOS = 1e9;
    private static final long REDRAW_NANOS = 100_000_000L;
    private static final long QUIET_NANOS = 10_000_000_000L;

    private final PrintWriter err;
    private final BooleanSupplier stopped;
    private final Runnable begun;
    private final LongSupplier nanoTime;
    private final int columns;
    private final Map<String, Pace> paces = new HashMap<>();

    /** The last update with a detail, shown behind the parts of its steps. */
    private List<String> headline = List.of();

    private long lastPrint;
    private boolean open;

    /** The progress of a stage at its first update and at its latest one. */
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

    /**
     * @param stopped whether the work shall stop
     * @param begun is run with every update: the work has done something
     * @param nanoTime as {@link System#nanoTime}
     */
    public ProgressLine(PrintWriter err, BooleanSupplier stopped, Runnable begun, LongSupplier nanoTime) {
        this.err = err;
        this.stopped = stopped;
        this.begun = begun;
        this.nanoTime = nanoTime;
        this.columns = Integer.getInteger("imagerl.columns", 0);
        this.lastPrint = nanoTime.getAsLong();
    }

    @Override
    public boolean stopped() {
        return stopped.getAsBoolean();
    }

    /** Says that the work is worth an orderly end from now on, before it has any step to show. */
    public void begin() {
        begun.run();
    }

    @Override
    public synchronized void update(String stage, long done, long total, String detail) {
        begun.run();
        long now = nanoTime.getAsLong();
        Pace pace = paces.containsKey(stage) ? paces.get(stage).at(done, now) : new Pace(done, now, done, now);
        paces.put(stage, pace);
        List<String> parts = parts(stage, done, total, detail, pace);
        if (columns > 0) {
            redraw(parts, !detail.isEmpty(), done >= total, now);
        } else if (!detail.isEmpty() || now - lastPrint >= QUIET_NANOS) {
            lastPrint = now;
            err.println(Quote.plain(String.join(SEPARATOR, parts)));
            err.flush();
        }
    }

    private static List<String> parts(String stage, long done, long total, String detail, Pace pace) {
        List<String> parts = new ArrayList<>(List.of(stage + " " + done + "/" + total));
        if (!detail.isEmpty()) {
            parts.addAll(List.of(detail.split(Pattern.quote(SEPARATOR))));
        }
        if (pace.known()) {
            if (!detail.isEmpty()) {
                String unit = stage.equals("epoch") || stage.equals("classifier") ? "epoch" : "step";
                parts.add(String.format(Locale.ROOT, "%.3g s/%s", pace.secondsPerStep(), unit));
            }
            parts.add("ETA " + duration(pace.secondsPerStep() * Math.max(0, total - done)));
        }
        long resident = Memory.residentBytes();
        if (resident > 0) {
            parts.add(Memory.gigabytes(resident));
        }
        return parts;
    }

    /**
     * The parts that fit, in their order: the first three (stage and the two most important numbers) and the remaining time before all others.
     *
     * @param taken columns that are in use already
     */
    private String fitting(List<String> parts, int taken) {
        List<String> byWeight = new ArrayList<>(parts);
        byWeight.sort(Comparator.comparingInt(part -> part.startsWith("ETA") ? 2 : parts.indexOf(part)));
        List<String> kept = new ArrayList<>();
        int width = taken;
        for (String part : byWeight) {
            int more = part.length() + (kept.isEmpty() ? 0 : SEPARATOR.length());
            if (width + more < columns) {
                kept.add(part);
                width += more;
            }
        }
        return String.join(SEPARATOR, parts.stream().filter(kept::contains).toList());
    }

    /** {@code 42 s}, {@code 56 m}, {@code 3 h 07 m}. */
    public static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 100) {
            return whole + " s";
        }
        long minutes = Math.round(seconds / 60);
        return minutes < 100 ? minutes + " m" : String.format(Locale.ROOT, "%d h %02d m", minutes / 60, minutes % 60);
    }

    private void redraw(List<String> parts, boolean detailed, boolean last, long now) {
        if (detailed) {
            headline = parts;
        }
        if (!detailed && !last && now - lastPrint < REDRAW_NANOS) {
            return;
        }
        lastPrint = now;
        String shown = fitting(parts, 0);
        if (!detailed && !headline.isEmpty()) {
            String part = parts.get(0);
            shown = part + BEHIND + fitting(headline, part.length() + BEHIND.length());
        }
        String line = Quote.plain(shown);
        err.print("\r" + line.substring(0, Math.min(line.length(), columns - 1)) + "\033[K");
        err.flush();
        open = true;
    }

    /** Ends the line, so that something else can be printed; the next update draws it anew. */
    public synchronized void finishLine() {
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
