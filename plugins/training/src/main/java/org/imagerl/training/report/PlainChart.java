package org.imagerl.training.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The lines of a chart in a frame without any letter: for machines without fonts, on which XChart draws nothing. */
final class PlainChart {
    private static final int MARGIN = 24;

    private final BufferedImage image;
    private final double[] x;
    private final double[] y;

    private PlainChart(Chart chart, int width, int height) {
        image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        List<Chart.Point> points =
                chart.lines().stream().flatMap(line -> line.points().stream()).toList();
        x = range(points, Chart.Point::x, Chart.Point::x);
        y = range(points, point -> point.y() - point.spread(), point -> point.y() + point.spread());
    }

    /**
     * Draws a chart.
     *
     * @param colours of its lines, in turn
     */
    static BufferedImage draw(Chart chart, int width, int height, List<Color> colours) {
        PlainChart plain = new PlainChart(chart, width, height);
        Graphics2D g = plain.image.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, width, height);
        g.setColor(Color.LIGHT_GRAY);
        g.drawRect(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN);
        for (int i = 0; i < chart.lines().size(); i++) {
            g.setColor(colours.get(i % colours.size()));
            plain.line(g, chart.lines().get(i).points());
        }
        g.dispose();
        return plain.image;
    }

    private static double[] range(
            List<Chart.Point> points, ToDoubleFunction<Chart.Point> low, ToDoubleFunction<Chart.Point> high) {
        DoubleSummaryStatistics lows = points.stream().mapToDouble(low).summaryStatistics();
        DoubleSummaryStatistics highs = points.stream().mapToDouble(high).summaryStatistics();
        double span = highs.getMax() - lows.getMin();
        return new double[] {lows.getMin(), span > 0 ? span : 1};
    }

    private void line(Graphics2D g, List<Chart.Point> points) {
        Path2D path = new Path2D.Double();
        for (Chart.Point point : points) {
            double right = MARGIN + (point.x() - x[0]) / x[1] * (image.getWidth() - 2 * MARGIN);
            double down = image.getHeight() - MARGIN - (point.y() - y[0]) / y[1] * (image.getHeight() - 2 * MARGIN);
            if (path.getCurrentPoint() == null) {
                path.moveTo(right, down);
            }
            path.lineTo(right, down);
            g.fillRect((int) right - 1, (int) down - 1, 3, 3);
        }
        g.draw(path);
    }
}
