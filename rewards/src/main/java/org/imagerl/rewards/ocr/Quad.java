package org.imagerl.rewards.ocr;

import java.util.Arrays;
import java.util.Comparator;
import org.locationtech.jts.geom.Geometry;

/** A box around a line of text, its corners in pixels of the image, named as they look there. */
record Quad(Point topLeft, Point topRight, Point bottomRight, Point bottomLeft) {

    /** A place in an image: x to the right, y down, the centre of the first pixel at (0, 0). */
    record Point(double x, double y) {

        double distance(Point other) {
            return Math.hypot(x - other.x, y - other.y);
        }
    }

    /** The corners of a rectangle: of the two leftmost the upper is the top left one, and so on. */
    static Quad of(Geometry rectangle) {
        Point[] corners = Arrays.stream(rectangle.getCoordinates())
                .limit(4)
                .map(corner -> new Point(corner.x, corner.y))
                .sorted(Comparator.comparingDouble(Point::x))
                .toArray(Point[]::new);
        Arrays.sort(corners, 0, 2, Comparator.comparingDouble(Point::y));
        Arrays.sort(corners, 2, 4, Comparator.comparingDouble(Point::y));
        return new Quad(corners[0], corners[2], corners[3], corners[1]);
    }

    /** The longer of the two sides that run along the line. */
    double width() {
        return Math.max(topLeft.distance(topRight), bottomRight.distance(bottomLeft));
    }

    /** The longer of the two sides that run across it. */
    double height() {
        return Math.max(topLeft.distance(bottomLeft), topRight.distance(bottomRight));
    }

    Point centre() {
        return new Point((topLeft.x + bottomRight.x) / 2, (topLeft.y + bottomRight.y) / 2);
    }
}
