package org.imagerl.host.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the metrics of a run as small charts on one picture. Needs no display. */
public final class Curves {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 320;
    private static final int COLUMNS = 2;
    private static final Color LINE = new Color(0x1f, 0x5f, 0xa8);
    private static final Color BAND = new Color(0x1f, 0x5f, 0xa8, 0x38);

    /** What a person looks at first; panels without data are left out. */
    public static final List<Panel> USUAL = List.of(
            new Panel("training reward, mean \u00b1 std", "reward_mean", "reward_std"),
            new Panel("held-out reward, mean \u00b1 std", "evaluation_reward_mean", "evaluation_reward_std"),
            new Panel("share of clipped samples", "clip_fraction", null),
            new Panel("penalty, times its coefficient", "penalty", null),
            new Panel("approximate KL divergence to the rollout's policy", "approx_kl", null),
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

    private record Point(double step, double value, double std) {}

    /**
     * Writes the picture.
     *
     * @param target a PNG file
     * @throws UserException if no panel has data, or the file cannot be written
     */
    public static void write(Path target, List<MetricsLog.Row> rows, List<Panel> panels) {
        List<XYChart> charts = new ArrayList<>();
        for (Panel panel : panels) {
            List<Point> points = points(rows, panel);
            if (!points.isEmpty()) {
                charts.add(chart(panel, points));
            }
        }
        if (charts.isEmpty()) {
            throw UserException.input(target + ": there are no metrics to draw yet");
        }
        BufferedImage picture = tiled(charts);
        AtomicFile.writeStream(target, out -> ImageIO.write(picture, "png", out));
    }

    /** Row by row. XChart's own tiling fails if the last row is short. */
    private static BufferedImage tiled(List<XYChart> charts) {
        int columns = Math.min(COLUMNS, charts.size());
        int lines = (charts.size() + columns - 1) / columns;
        BufferedImage picture = new BufferedImage(columns * WIDTH, lines * HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
        for (int i = 0; i < charts.size(); i++) {
            BufferedImage chart = BitmapEncoder.getBufferedImage(charts.get(i));
            graphics.drawImage(chart, i % columns * WIDTH, i / columns * HEIGHT, null);
        }
        graphics.dispose();
        return picture;
    }

    private static List<Point> points(List<MetricsLog.Row> rows, Panel panel) {
        List<Point> points = new ArrayList<>();
        for (MetricsLog.Row row : rows) {
            double value = row.values().getOrDefault(panel.metric(), Double.NaN);
            double std = panel.std() == null ? Double.NaN : row.values().getOrDefault(panel.std(), Double.NaN);
            if (Double.isFinite(value)) {
                points.add(new Point(row.step(), value, Double.isFinite(std) ? std : 0));
            }
        }
        return points;
    }

    private static XYChart chart(Panel panel, List<Point> points) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(panel.title())
                .xAxisTitle("epoch")
                .build();
        chart.getStyler().setLegendVisible(false);
        chart.getStyler().setYAxisTickLabelsFormattingFunction(Curves::label);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        if (panel.std() != null) {
            band(chart, points);
        }
        XYSeries line = chart.addSeries(
                panel.metric(),
                points.stream().mapToDouble(Point::step).toArray(),
                points.stream().mapToDouble(Point::value).toArray());
        line.setLineColor(LINE);
        line.setMarkerColor(LINE);
        line.setMarker(points.size() == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        return chart;
    }

    /** Four digits: XChart's own labels have all that a double has. */
    private static String label(double value) {
        BigDecimal rounded = new BigDecimal(value, new MathContext(4)).stripTrailingZeros();
        return Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6 ? rounded.toString() : rounded.toPlainString();
    }

    /** A polygon: forth along the upper edge, back along the lower. */
    private static void band(XYChart chart, List<Point> points) {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (Point point : points) {
            x.add(point.step());
            y.add(point.value() + point.std());
        }
        for (int i = points.size() - 1; i >= 0; i--) {
            x.add(points.get(i).step());
            y.add(points.get(i).value() - points.get(i).std());
        }
        XYSeries band = chart.addSeries("band", x, y);
        band.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
        band.setFillColor(BAND);
        band.setLineColor(new Color(0, 0, 0, 0));
        band.setMarker(SeriesMarkers.NONE);
    }
}
