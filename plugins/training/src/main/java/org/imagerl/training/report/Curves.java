package org.imagerl.training.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/** Draws the metrics of a run as small charts on one image. Needs no display. */
public final class Curves {
    /** What a person looks at first; panels without data are left out. */
    public static final List<Panel> USUAL = List.of(
            new Panel("training reward, mean \u00b1 std", "reward_mean", "reward_std"),
            new Panel("held-out reward, mean \u00b1 std", "evaluation_reward_mean", "evaluation_reward_std"),
            new Panel("share of clipped samples", "clip_fraction", null),
            new Panel("penalty, times its coefficient", "penalty", null),
            new Panel("approximate KL divergence to the behaviour policy", "approx_kl", null),
            new Panel("gradient norm before clipping", "grad_norm", null));

    private Curves() {}

    /**
     * One chart.
     *
     * @param title above it
     * @param metric name of the line
     * @param std name of the metric that is drawn as a band around the line, or null
     */
    public record Panel(
            String title, String metric, @Nullable String std) {}

    /**
     * Writes the image.
     *
     * @param target a PNG file
     * @throws UserException if no panel has data, or the file cannot be written
     */
    public static void write(Path target, List<MetricsLog.Row> rows, List<Panel> panels) {
        List<Chart> charts = new ArrayList<>();
        for (Panel panel : panels) {
            List<Chart.Point> points = points(rows, panel);
            if (!points.isEmpty()) {
                charts.add(new Chart(panel.title(), "epoch", List.of(new Chart.Line(panel.metric(), points))));
            }
        }
        if (charts.isEmpty()) {
            throw UserException.input(target + ": there are no metrics to draw yet");
        }
        Chart.write(target, charts);
    }

    private static List<Chart.Point> points(List<MetricsLog.Row> rows, Panel panel) {
        List<Chart.Point> points = new ArrayList<>();
        for (MetricsLog.Row row : rows) {
            double value = row.values().getOrDefault(panel.metric(), Double.NaN);
            double std = panel.std() == null ? Double.NaN : row.values().getOrDefault(panel.std(), Double.NaN);
            if (Double.isFinite(value)) {
                points.add(new Chart.Point(row.step(), value, Double.isFinite(std) ? std : 0));
            }
        }
        return points;
    }
}
