package org.imagerl.ui;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.training.report.EpochLog;
import org.imagerl.training.report.MetricsLog;
import tools.jackson.databind.node.ObjectNode;

/**
 * How far a run is. Nothing in a folder says whether a process works on it, and one that was copied has other times: what counts is when the
 * run itself wrote last, by its own clock.
 *
 * @param step epochs so far
 * @param epochs that are asked for; 0 if that is not known
 * @param secondsPerEpoch the median of the last ones, evaluations and saving among them; NaN if that is not known
 * @param lastSign when it wrote last, in seconds since 1970; NaN if that is not known
 * @param memoryBytes what its process occupied after the last epoch; 0 if that is not known
 */
record RunProgress(long step, long epochs, double secondsPerEpoch, double lastSign, long memoryBytes) {
    private static final int RECENT = 15;
    /** A run that has been silent for longer than this and three epochs is not training, as far as can be told. */
    private static final double SILENCE_SECONDS = 180;

    /**
     * What the files of a run tell.
     *
     * @param lastLog the time of the last line of its log; NaN if there is none
     */
    static RunProgress of(List<MetricsLog.Row> rows, List<EpochLog.Line> lines, long epochs, double lastLog) {
        long step = rows.isEmpty() ? 0 : rows.get(rows.size() - 1).step();
        double[] clock = lines.stream().mapToDouble(EpochLog.Line::clockSeconds).toArray();
        double[] epoch = IntStream.range(1, clock.length)
                .mapToDouble(i -> clock[i] - clock[i - 1])
                .toArray();
        if (epoch.length == 0) { // of an earlier version
            epoch = rows.stream()
                    .mapToDouble(row -> row.values().getOrDefault("seconds_epoch", Double.NaN))
                    .filter(Double::isFinite)
                    .toArray();
        }
        EpochLog.Line last = lines.isEmpty() ? null : lines.get(lines.size() - 1);
        double written = last == null ? Double.NaN : last.clockSeconds();
        return new RunProgress(
                step,
                epochs,
                median(Arrays.copyOfRange(epoch, Math.max(0, epoch.length - RECENT), epoch.length)),
                Double.isNaN(lastLog) || written > lastLog ? written : lastLog,
                last == null ? 0 : last.memoryBytes());
    }

    /** An interruption between two epochs is one long epoch, which changes a median little. */
    private static double median(double[] values) {
        Arrays.sort(values);
        return values.length == 0 ? Double.NaN : values[values.length / 2];
    }

    boolean finished() {
        return epochs > 0 && step >= epochs;
    }

    /** {@code finished}, {@code training}, or {@code stopped}, which is a guess. */
    String state(double now) {
        double patience = SILENCE_SECONDS + (Double.isNaN(secondsPerEpoch) ? 0 : 3 * secondsPerEpoch);
        return finished() ? "finished" : now - lastSign < patience ? "training" : "stopped";
    }

    /** Adds it to what is said of a run. */
    void put(ObjectNode summary, double now) {
        summary.put("step", step);
        summary.put("epochs", epochs);
        summary.put("state", state(now));
        Json.put(summary, "seconds_per_epoch", secondsPerEpoch);
        Json.put(summary, "eta_seconds", finished() || epochs == 0 ? Double.NaN : (epochs - step) * secondsPerEpoch);
        Json.put(summary, "age_seconds", now - lastSign);
        Json.put(summary, "memory_bytes", memoryBytes == 0 ? Double.NaN : memoryBytes);
    }
}
