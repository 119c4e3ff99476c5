package org.imagerl.rewards.ocr;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.imagerl.rewards.ocr.Quad.Point;

/**
 * A rectangle at any angle.
 *
 * @param centre its middle
 * @param alongX horizontal part of the unit vector along its width
 * @param alongY vertical part of that vector
 * @param width pixels
 * @param height pixels
 */
record RotatedBox(Point centre, double alongX, double alongY, double width, double height) {

    /**
     * The rectangle of least area around points: one of its sides lies on a side of their convex hull.
     *
     * @param hull the corners of a convex polygon in order, at least one
     */
    static RotatedBox around(List<Point> hull) {
        RotatedBox best = alongSide(hull, 1, 0);
        for (int i = 0; i < hull.size(); i++) {
            Point a = hull.get(i);
            Point b = hull.get((i + 1) % hull.size());
            double length = a.distance(b);
            if (length > 0) {
                RotatedBox box = alongSide(hull, (b.x() - a.x()) / length, (b.y() - a.y()) / length);
                best = box.width * box.height < best.width * best.height ? box : best;
            }
        }
        return best;
    }

    /** The rectangle around points whose width runs along (ux, uy), a unit vector. */
    private static RotatedBox alongSide(List<Point> points, double ux, double uy) {
        double minAlong = Double.POSITIVE_INFINITY;
        double maxAlong = Double.NEGATIVE_INFINITY;
        double minAcross = Double.POSITIVE_INFINITY;
        double maxAcross = Double.NEGATIVE_INFINITY;
        for (Point p : points) {
            double along = p.x() * ux + p.y() * uy;
            double across = p.y() * ux - p.x() * uy;
            minAlong = Math.min(minAlong, along);
            maxAlong = Math.max(maxAlong, along);
            minAcross = Math.min(minAcross, across);
            maxAcross = Math.max(maxAcross, across);
        }
        double along = (minAlong + maxAlong) / 2;
        double across = (minAcross + maxAcross) / 2;
        Point centre = new Point(along * ux - across * uy, along * uy + across * ux);
        return new RotatedBox(centre, ux, uy, maxAlong - minAlong, maxAcross - minAcross);
    }

    double shorterSide() {
        return Math.min(width, height);
    }

    /** Moves every side outwards by {@code distance} pixels. */
    RotatedBox grown(double distance) {
        return new RotatedBox(centre, alongX, alongY, width + 2 * distance, height + 2 * distance);
    }

    /** Whether a place is inside or on a side, give or take a thousandth of a pixel. */
    boolean contains(double x, double y) {
        double along = (x - centre.x()) * alongX + (y - centre.y()) * alongY;
        double across = (y - centre.y()) * alongX - (x - centre.x()) * alongY;
        return Math.abs(along) <= width / 2 + 1e-3 && Math.abs(across) <= height / 2 + 1e-3;
    }

    /** The corners, named by how they look: of the two leftmost the upper is the top left one, and so on. */
    Quad corners() {
        List<Point> points = new ArrayList<>();
        for (double along : new double[] {-width / 2, width / 2}) {
            for (double across : new double[] {-height / 2, height / 2}) {
                points.add(new Point(
                        centre.x() + along * alongX - across * alongY, centre.y() + along * alongY + across * alongX));
            }
        }
        points.sort(Comparator.comparingDouble(Point::x));
        points.subList(0, 2).sort(Comparator.comparingDouble(Point::y));
        points.subList(2, 4).sort(Comparator.comparingDouble(Point::y));
        return new Quad(points.get(0), points.get(2), points.get(3), points.get(1));
    }
}
