package org.imagerl.rewards.ocr;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.imagerl.rewards.ocr.Quad.Point;

/** How boxes are put in the order in which a person would read them. */
public enum ReadingOrder {
    /** PaddleOCR's: by the top left corner, downwards, but rightwards if two differ by less than 10 pixels in height. */
    PADDLE {
        @Override
        List<Quad> sort(List<Quad> boxes) {
            List<Quad> sorted = new ArrayList<>(boxes);
            sorted.sort(Comparator.comparingDouble((Quad b) -> b.topLeft().y())
                    .thenComparingDouble(b -> b.topLeft().x()));
            for (int i = 1; i < sorted.size(); i++) {
                for (int j = i;
                        j > 0
                                && isBefore(
                                        sorted.get(j).topLeft(),
                                        sorted.get(j - 1).topLeft());
                        j--) {
                    sorted.add(j - 1, sorted.remove(j));
                }
            }
            return sorted;
        }

        private static boolean isBefore(Point a, Point b) {
            return Math.abs(a.y() - b.y()) < 10 && a.x() < b.x();
        }
    },

    /** Along the direction in which most text runs: right for tilted lines, which {@link #PADDLE} can swap. */
    LINE {
        @Override
        List<Quad> sort(List<Quad> boxes) {
            Point direction = direction(boxes);
            List<Quad> byRow = new ArrayList<>(boxes);
            byRow.sort(Comparator.comparingDouble(b -> across(b, direction)));
            List<Quad> sorted = new ArrayList<>();
            for (int from = 0; from < byRow.size(); ) {
                int to = rowEnd(byRow, from, direction);
                List<Quad> row = byRow.subList(from, to);
                row.sort(Comparator.comparingDouble(b -> along(b, direction)));
                sorted.addAll(row);
                from = to;
            }
            return sorted;
        }

        /** The sum of all top sides, as a unit vector: long lines count more. */
        private static Point direction(List<Quad> boxes) {
            double x = 0;
            double y = 0;
            for (Quad box : boxes) {
                x += box.topRight().x() - box.topLeft().x();
                y += box.topRight().y() - box.topLeft().y();
            }
            double length = Math.hypot(x, y);
            return length == 0 ? new Point(1, 0) : new Point(x / length, y / length);
        }

        /** A row ends where a box lies more than half the height of the row's first box further across. */
        private static int rowEnd(List<Quad> byRow, int from, Point direction) {
            double limit = across(byRow.get(from), direction) + byRow.get(from).height() / 2;
            int to = from + 1;
            while (to < byRow.size() && across(byRow.get(to), direction) < limit) {
                to++;
            }
            return to;
        }

        private static double along(Quad box, Point direction) {
            return box.centre().x() * direction.x() + box.centre().y() * direction.y();
        }

        private static double across(Quad box, Point direction) {
            return box.centre().y() * direction.x() - box.centre().x() * direction.y();
        }
    };

    /** The boxes in reading order. */
    abstract List<Quad> sort(List<Quad> boxes);
}
