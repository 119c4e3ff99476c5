package org.imagerl.rewards.ocr;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.imagerl.rewards.ocr.Quad.Point;

/** The smallest convex polygon around points, by Andrew's monotone chain (1979). */
final class ConvexHull {

    private ConvexHull() {}

    /** The corners in order around, without those that lie on a straight side; all points if there are fewer than three. */
    static List<Point> of(List<Point> points) {
        List<Point> sorted = points.stream()
                .distinct()
                .sorted(Comparator.comparingDouble(Point::x).thenComparingDouble(Point::y))
                .toList();
        if (sorted.size() < 3) {
            return sorted;
        }
        List<Point> hull = chain(sorted);
        List<Point> back = new ArrayList<>(sorted);
        Collections.reverse(back);
        hull.addAll(chain(back));
        return hull;
    }

    /** One side of the hull, without its last point. */
    private static List<Point> chain(List<Point> sorted) {
        List<Point> chain = new ArrayList<>();
        for (Point p : sorted) {
            while (chain.size() >= 2 && cross(chain.get(chain.size() - 2), chain.get(chain.size() - 1), p) <= 0) {
                chain.remove(chain.size() - 1);
            }
            chain.add(p);
        }
        chain.remove(chain.size() - 1);
        return chain;
    }

    private static double cross(Point o, Point a, Point b) {
        return (a.x() - o.x()) * (b.y() - o.y()) - (a.y() - o.y()) * (b.x() - o.x());
    }
}
