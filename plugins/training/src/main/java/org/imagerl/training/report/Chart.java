package org.imagerl.training.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import org.imagerl.images.Fonts;
import org.imagerl.images.PngWriter;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Lines with bands around them, drawn without a display; on a machine without fonts without words and bands (see {@link Fonts}).
 *
 * @param title above it
 * @param xTitle below it
 * @param lines at least one; several get a legend
 */
public record Chart(String title, String xTitle, List<Line> lines) {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 320;
    private static final int COLUMNS = 2;
    /** Colours that are distinguishable by people who do not see red and green, too (Okabe and Ito). */
    private static final List<Color> COLOURS = List.of(
            new Color(0x1f, 0x5f, 0xa8),
            new Color(0xd5, 0x5e, 0x00),
            new Color(0x00, 0x9e, 0x73),
            new Color(0xcc, 0x79, 0xa7),
            new Color(0x80, 0x60, 0x00),
            new Color(0x40, 0x40, 0x40));

    private static final int BAND_ALPHA = 0x38;

    /**
     * One line.
     *
     * @param name in the legend
     * @param points from left to right, at least one
     */
    public record Line(String name, List<Point> points) {}

    /** @param spread half the height of the band around the line there; 0 is none */
    public record Point(double x, double y, double spread) {}

    /**
     * Writes charts side by side on one image.
     *
     * @param target a PNG file
     * @param charts at least one
     * @throws org.imagerl.spi.UserException if the file cannot be written
     */
    public static void write(Path target, List<Chart> charts) {
        boolean words = Fonts.found();
        BufferedImage image = tiled(charts.stream()
                .map(chart -> words
                        ? BitmapEncoder.getBufferedImage(chart.drawn())
                        : PlainChart.draw(chart, WIDTH, HEIGHT, COLOURS))
                .toList());
        PngWriter.write(target, PngWriter.drawn(image), Map.of());
    }

    /** Row by row. XChart's own tiling fails if the last row is short. */
    private static BufferedImage tiled(List<BufferedImage> charts) {
        int columns = Math.min(COLUMNS, charts.size());
        int rows = (charts.size() + columns - 1) / columns;
        BufferedImage image = new BufferedImage(columns * WIDTH, rows * HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        for (int i = 0; i < charts.size(); i++) {
            graphics.drawImage(charts.get(i), i % columns * WIDTH, i / columns * HEIGHT, null);
        }
        graphics.dispose();
        return image;
    }

    private XYChart drawn() {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(xTitle)
                .build();
        chart.getStyler().setLegendVisible(lines.size() > 1);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setYAxisTickLabelsFormattingFunction(Chart::label);
        if (lines.stream().flatMap(line -> line.points.stream()).allMatch(point -> isWhole(point.x))) {
            // There is no epoch 1.2, though a short axis has a mark there.
            chart.getStyler().setXAxisTickLabelsFormattingFunction(x -> isWhole(x) ? label(x) : "");
        }
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        roundNumbers(chart);
        for (int i = 0; i < lines.size(); i++) {
            Color colour = COLOURS.get(i % COLOURS.size());
            if (lines.get(i).points.stream().anyMatch(point -> point.spread > 0)) {
                band(chart, lines.get(i), colour);
            }
            line(chart, lines.get(i), colour, i < COLOURS.size());
        }
        return chart;
    }

    /** XChart labels points of equal distance themselves: 1, 58, 115, ..., too densely. One between them, unseen, makes it take round numbers. */
    private void roundNumbers(XYChart chart) {
        DoubleSummaryStatistics x = lines.stream()
                .flatMap(line -> line.points.stream())
                .mapToDouble(Point::x)
                .summaryStatistics();
        double between = x.getMin() + 0.41 * (x.getMax() - x.getMin());
        double y = lines.get(0).points.get(0).y;
        XYSeries unseen = chart.addSeries("for round numbers", new double[] {x.getMin(), between}, new double[] {y, y});
        unseen.setLineStyle(SeriesLines.NONE);
        unseen.setMarker(SeriesMarkers.NONE);
        unseen.setShowInLegend(false);
    }

    /** @param first whether the colour is used for the first time */
    private static void line(XYChart chart, Line line, Color colour, boolean first) {
        XYSeries series = chart.addSeries(
                line.name,
                line.points.stream().mapToDouble(Point::x).toArray(),
                line.points.stream().mapToDouble(Point::y).toArray());
        series.setLineColor(colour);
        series.setMarkerColor(colour);
        series.setLineStyle(first ? SeriesLines.SOLID : SeriesLines.DASH_DASH);
        Marker point = first ? SeriesMarkers.CIRCLE : SeriesMarkers.DIAMOND;
        // Two points may lie on one another.
        series.setMarker(line.points.size() <= 2 ? point : SeriesMarkers.NONE);
    }

    /** A polygon: forth along the upper edge, back along the lower. */
    private static void band(XYChart chart, Line line, Color colour) {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (Point point : line.points) {
            x.add(point.x);
            y.add(point.y + point.spread);
        }
        for (int i = line.points.size() - 1; i >= 0; i--) {
            x.add(line.points.get(i).x);
            y.add(line.points.get(i).y - line.points.get(i).spread);
        }
        XYSeries band = chart.addSeries("band of " + line.name, x, y);
        band.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
        band.setFillColor(new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), BAND_ALPHA));
        band.setLineColor(new Color(0, 0, 0, 0));
        band.setMarker(SeriesMarkers.NONE);
        band.setShowInLegend(false);
    }

    private static boolean isWhole(double value) {
        return Math.abs(value - Math.rint(value)) < 1e-9;
    }

    /** Four digits: XChart's own labels have all that a double has. */
    private static String label(double value) {
        BigDecimal rounded = new BigDecimal(value, new MathContext(4)).stripTrailingZeros();
        return Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6 ? rounded.toString() : rounded.toPlainString();
    }
}
