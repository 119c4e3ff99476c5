package org.imagerl.rewards.ocr;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imagerl.rewards.ocr.Quad.Point;
import org.locationtech.jts.algorithm.MinimumAreaRectangle;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.GeometryFactory;
import org.locationtech.jts.geom.Polygon;
import org.locationtech.jts.math.Vector2D;

/**
 * Makes boxes of the detector's probabilities: regions above a threshold, the least rectangle around each, kept if it is probable
 * enough, grown back to the size of the text (the detector is trained on shrunk text).
 *
 * <p>Source: Liao, Wan, Yao, Chen and Bai, "Real-time Scene Text Detection with Differentiable Binarization", 2020,
 * arXiv:1911.08947, section 3.5, with the numbers of PaddleOCR 2.9 (db_postprocess.py). Growing a rectangle by sides is what its
 * polygon offset and second rectangle come to.
 *
 * @param unclipRatio a rectangle is grown by this times its area divided by its perimeter
 * @param dilated whether regions first grow by a pixel to the right and downwards (a 2 x 2 dilation, {@code use_dilation})
 */
record BoxFinder(double unclipRatio, boolean dilated) {
    private static final float PIXEL_THRESHOLD = 0.3f;
    private static final double BOX_THRESHOLD = 0.6;
    /** Least side of a rectangle before and after growing, in pixels of the map. */
    private static final double MIN_SIDE = 3;

    private static final double MIN_GROWN_SIDE = 5;
    /** Boxes with a side of so many pixels of the image or fewer are dropped. */
    private static final int MAX_DROPPED_SIDE = 3;

    private static final int MAX_REGIONS = 1000;

    /** The boxes in an image of {@code width} x {@code height} pixels, of which {@code map} is a resized view; unordered. */
    List<Quad> find(ProbabilityMap map, int width, int height) {
        List<Quad> boxes = new ArrayList<>();
        ProbabilityMap seen = dilated ? map.dilated() : map;
        seen.regions(PIXEL_THRESHOLD).stream().limit(MAX_REGIONS).forEach(region -> {
            // What is no polygon are pixels on one line.
            if (rectangle(region) instanceof Polygon core
                    && shorterSide(core) >= MIN_SIDE
                    && map.mean(core) >= BOX_THRESHOLD) {
                Polygon grown = grown(core, core.getArea() * unclipRatio / core.getLength());
                Quad box = inImage(
                        Quad.of(grown), (double) width / map.width(), (double) height / map.height(), width, height);
                if (shorterSide(grown) >= MIN_GROWN_SIDE && isLargeEnough(box)) {
                    boxes.add(box);
                }
            }
        });
        return boxes;
    }

    /** The rectangle of least area around points. */
    static Geometry rectangle(List<Point> region) {
        return MinimumAreaRectangle.getMinimumRectangle(new GeometryFactory()
                .createMultiPointFromCoords(
                        region.stream().map(p -> new Coordinate(p.x(), p.y())).toArray(Coordinate[]::new)));
    }

    /** Moves every side outwards by {@code distance} pixels. */
    static Polygon grown(Polygon rectangle, double distance) {
        Coordinate[] corners = rectangle.getCoordinates();
        Coordinate[] moved = new Coordinate[corners.length];
        Arrays.setAll(
                moved,
                i -> Vector2D.create(corners[(i + 3) % 4], corners[i])
                        .normalize()
                        .add(Vector2D.create(corners[(i + 1) % 4], corners[i]).normalize())
                        .multiply(distance)
                        .translate(corners[i]));
        return rectangle.getFactory().createPolygon(moved);
    }

    static double shorterSide(Polygon rectangle) {
        Coordinate[] corners = rectangle.getCoordinates();
        return Math.min(corners[0].distance(corners[1]), corners[1].distance(corners[2]));
    }

    private static boolean isLargeEnough(Quad box) {
        return (int) box.topLeft().distance(box.topRight()) > MAX_DROPPED_SIDE
                && (int) box.topLeft().distance(box.bottomLeft()) > MAX_DROPPED_SIDE;
    }

    private static Quad inImage(Quad box, double scaleX, double scaleY, int width, int height) {
        return new Quad(
                inImage(box.topLeft(), scaleX, scaleY, width, height),
                inImage(box.topRight(), scaleX, scaleY, width, height),
                inImage(box.bottomRight(), scaleX, scaleY, width, height),
                inImage(box.bottomLeft(), scaleX, scaleY, width, height));
    }

    private static Point inImage(Point p, double scaleX, double scaleY, int width, int height) {
        return new Point(clip(p.x() * scaleX, width - 1), clip(p.y() * scaleY, height - 1));
    }

    private static double clip(double value, int max) {
        return Math.max(0, Math.min(max, Math.rint(value)));
    }
}
