package org.imagerl.rewards.ocr;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imagerl.rewards.ocr.Quad.Point;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Envelope;
import org.locationtech.jts.geom.LineSegment;
import org.locationtech.jts.geom.Polygon;

/**
 * The output of the detector: for every pixel of the resized image the probability that it is in the core of a text
 * line.
 *
 * @param width pixels
 * @param height pixels
 * @param values {@code height * width}, row by row, in [0, 1]
 */
record ProbabilityMap(int width, int height, float[] values) {

    /** The regions above a threshold, connected over sides and corners, each as the first and last pixel of its rows. */
    List<List<Point>> regions(float threshold) {
        boolean[] open = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            open[i] = values[i] > threshold;
        }
        List<List<Point>> regions = new ArrayList<>();
        int[] stack = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            if (open[i]) {
                regions.add(region(i, open, stack));
            }
        }
        return regions;
    }

    /** Takes the region around pixel {@code seed} out of {@code open}. The seed is its first pixel in reading order. */
    private List<Point> region(int seed, boolean[] open, int[] stack) {
        int[] first = new int[height];
        int[] last = new int[height];
        Arrays.fill(first, Integer.MAX_VALUE);
        Arrays.fill(last, -1);
        int depth = 0;
        stack[depth++] = seed;
        open[seed] = false;
        while (depth > 0) {
            int at = stack[--depth];
            int x = at % width;
            int y = at / width;
            first[y] = Math.min(first[y], x);
            last[y] = Math.max(last[y], x);
            for (int ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
                for (int nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
                    int next = ny * width + nx;
                    if (open[next]) {
                        open[next] = false;
                        stack[depth++] = next;
                    }
                }
            }
        }
        return ends(first, last);
    }

    private static List<Point> ends(int[] first, int[] last) {
        List<Point> points = new ArrayList<>();
        for (int y = 0; y < first.length; y++) {
            if (last[y] >= 0) {
                points.add(new Point(first[y], y));
                points.add(new Point(last[y], y));
            }
        }
        return points;
    }

    /** Every pixel is as probable as the likeliest of itself and its neighbours to the left, above, and above left. */
    ProbabilityMap dilated() {
        float[] grown = new float[values.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int above = Math.max(0, y - 1) * width;
                int left = Math.max(0, x - 1);
                grown[y * width + x] = Math.max(
                        Math.max(values[above + left], values[above + x]),
                        Math.max(values[y * width + left], values[y * width + x]));
            }
        }
        return new ProbabilityMap(width, height, grown);
    }

    /** The mean over the pixels whose centres are in a rectangle, give or take a thousandth of a pixel; 0 if there are none. */
    double mean(Polygon rectangle) {
        Coordinate[] corners = rectangle.getCoordinates();
        LineSegment along = new LineSegment(corners[0], corners[1]);
        LineSegment across = new LineSegment(corners[1], corners[2]);
        double slackAlong = 1e-3 / along.getLength();
        double slackAcross = 1e-3 / across.getLength();
        Envelope reach = rectangle.getEnvelopeInternal();
        Coordinate pixel = new Coordinate();
        double sum = 0;
        int count = 0;
        for (int y = from(reach.getMinY()); y <= Math.min(height - 1, reach.getMaxY() + 1); y++) {
            for (int x = from(reach.getMinX()); x <= Math.min(width - 1, reach.getMaxX() + 1); x++) {
                pixel.x = x;
                pixel.y = y;
                if (isShare(along.projectionFactor(pixel), slackAlong)
                        && isShare(across.projectionFactor(pixel), slackAcross)) {
                    sum += values[y * width + x];
                    count++;
                }
            }
        }
        return count == 0 ? 0 : sum / count;
    }

    private static boolean isShare(double share, double slack) {
        return share >= -slack && share <= 1 + slack;
    }

    private static int from(double coordinate) {
        return (int) Math.max(0, Math.floor(coordinate - 1e-3));
    }
}
