package org.imagerl.rewards.ocr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.imagerl.rewards.ocr.Quad.Point;
import org.junit.jupiter.api.Test;
import org.locationtech.jts.algorithm.locate.SimplePointInAreaLocator;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Envelope;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.GeometryFactory;
import org.locationtech.jts.geom.Polygon;
import org.locationtech.jts.geom.util.AffineTransformation;

final class BoxFinderTest {

    @Test
    void growsARectangleByAreaTimesRatioOverPerimeter() {
        float[] map = map(100, 60);
        fill(map, 100, 20, 20, 61, 31, 0.9f); // 40 x 10 between pixel centres
        List<Quad> boxes = new BoxFinder(1.5, false).find(new ProbabilityMap(100, 60, map), 100, 60);
        // 40 * 10 * 1.5 / (2 * 50) = 6
        assertThat(boxes)
                .containsExactly(new Quad(new Point(14, 14), new Point(66, 14), new Point(66, 36), new Point(14, 36)));
    }

    @Test
    void bringsBoxesToTheSizeOfTheImageAndInsideIt() {
        float[] map = map(64, 32);
        fill(map, 64, 0, 0, 41, 11, 0.9f);
        List<Quad> boxes = new BoxFinder(1.5, false).find(new ProbabilityMap(64, 32, map), 128, 96);
        assertThat(boxes)
                .containsExactly(new Quad(new Point(0, 0), new Point(92, 0), new Point(92, 48), new Point(0, 48)));
    }

    @Test
    void findsTheAngleOfATiltedLine() {
        float[] map = map(200, 200);
        Polygon tilted = rectangle(100, 100, 0.8, 0.6, 100, 20);
        for (int i = 0; i < map.length; i++) {
            Coordinate pixel = new Coordinate(i % 200, Math.floorDiv(i, 200));
            map[i] = SimplePointInAreaLocator.isContained(pixel, tilted) ? 0.9f : 0;
        }
        Quad box = new BoxFinder(1.5, false)
                .find(new ProbabilityMap(200, 200, map), 200, 200)
                .get(0);
        Quad expected = Quad.of(BoxFinder.grown(tilted, 100 * 20 * 1.5 / 240));
        assertThat(box.topLeft().distance(expected.topLeft())).isLessThan(2.5);
        assertThat(box.topRight().distance(expected.topRight())).isLessThan(2.5);
        assertThat(box.bottomRight().distance(expected.bottomRight())).isLessThan(2.5);
        assertThat(box.bottomLeft().distance(expected.bottomLeft())).isLessThan(2.5);
    }

    @Test
    void dropsWhatIsFaintOrSmall() {
        float[] map = map(100, 60);
        fill(map, 100, 10, 10, 50, 20, 0.59f); // not probable enough
        fill(map, 100, 60, 10, 63, 50, 0.9f); // a side of 2 between pixel centres
        map[55 * 100 + 90] = 0.9f; // a single pixel
        assertThat(new BoxFinder(1.5, false).find(new ProbabilityMap(100, 60, map), 100, 60))
                .isEmpty();
    }

    @Test
    void dilationAddsAPixelToTheRightAndBelow() {
        float[] map = map(5, 4);
        map[5 + 1] = 0.9f;
        assertThat(new ProbabilityMap(5, 4, map).dilated().regions(0.3f))
                .containsExactly(List.of(new Point(1, 1), new Point(2, 1), new Point(1, 2), new Point(2, 2)));
        map[5 + 1] = 0;
        map[3 * 5 + 4] = 0.9f; // in the corner there is no room to grow
        assertThat(new ProbabilityMap(5, 4, map).dilated().regions(0.3f))
                .containsExactly(List.of(new Point(4, 3), new Point(4, 3)));
    }

    @Test
    void joinsRegionsThatTouchAtACorner() {
        float[] map = map(60, 60);
        fill(map, 60, 10, 10, 30, 20, 0.9f);
        fill(map, 60, 30, 20, 50, 30, 0.9f);
        assertThat(new ProbabilityMap(60, 60, map).regions(0.3f)).hasSize(1);
        map[20 * 60 + 30] = 0;
        assertThat(new ProbabilityMap(60, 60, map).regions(0.3f)).hasSize(2);
    }

    @Test
    void findsTheLeastRectangleAroundPoints() {
        List<Point> diamond =
                List.of(new Point(0, 3), new Point(3, 0), new Point(6, 3), new Point(3, 6), new Point(3, 3));
        Geometry box = BoxFinder.rectangle(diamond);
        assertThat(box.getArea()).isCloseTo(18, within(1e-9));
        assertThat(BoxFinder.shorterSide((Polygon) box)).isCloseTo(Math.sqrt(18), within(1e-9));
        assertThat(box.getCentroid().getX()).isCloseTo(3, within(1e-9));
        assertThat(box.getCentroid().getY()).isCloseTo(3, within(1e-9));
    }

    @Test
    void findsNoRectangleAroundPointsOnALine() {
        List<Point> line = List.of(new Point(0, 0), new Point(1, 1), new Point(2, 2), new Point(2, 2));
        assertThat(BoxFinder.rectangle(line) instanceof Polygon).isFalse();
        assertThat(BoxFinder.rectangle(List.of(new Point(5, 5), new Point(5, 5))) instanceof Polygon)
                .isFalse();
    }

    @Test
    void countsPixelsOnTheSidesOfARectangle() {
        float[] map = map(60, 60);
        fill(map, 60, 10, 10, 20, 15, 0.9f);
        ProbabilityMap probabilities = new ProbabilityMap(60, 60, map);
        assertThat(probabilities.mean(rectangle(14.5, 12, 1, 0, 9, 4))).isCloseTo(0.9, within(1e-6));
        assertThat(probabilities.mean(rectangle(14.5, 12, 0, 1, 6, 11))).isCloseTo(0.9 * 50 / (12 * 7), within(1e-6));
    }

    /** A rectangle around a centre; its width runs along the unit vector (alongX, alongY). */
    static Polygon rectangle(double x, double y, double alongX, double alongY, double width, double height) {
        Polygon upright = (Polygon)
                new GeometryFactory().toGeometry(new Envelope(-width / 2, width / 2, -height / 2, height / 2));
        AffineTransformation turn = new AffineTransformation(alongX, -alongY, x, alongY, alongX, y);
        return (Polygon) turn.transform(upright);
    }

    private static float[] map(int width, int height) {
        return new float[width * height];
    }

    /** Up to but without the right column and the bottom row. */
    private static void fill(float[] map, int width, int left, int top, int right, int bottom, float value) {
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                map[y * width + x] = value;
            }
        }
    }
}
