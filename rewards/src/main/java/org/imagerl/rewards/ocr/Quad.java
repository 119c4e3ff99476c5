package org.imagerl.rewards.ocr;

/** A box around a line of text, its corners in pixels of the picture, named as they look there. */
record Quad(Point topLeft, Point topRight, Point bottomRight, Point bottomLeft) {

    /** A place in a picture: x to the right, y down, the centre of the first pixel at (0, 0). */
    record Point(double x, double y) {

        double distance(Point other) {
            return Math.hypot(x - other.x, y - other.y);
        }
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
