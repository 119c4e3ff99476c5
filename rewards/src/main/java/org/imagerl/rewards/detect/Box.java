package org.imagerl.rewards.detect;

import java.util.HashSet;
import java.util.Set;
import org.imagerl.spi.RgbImage;

/**
 * A box in pixels of the image, from its upper left corner.
 *
 * @param left below {@code right}
 * @param top below {@code bottom}
 */
record Box(double left, double top, double right, double bottom) {
    /** Smaller offsets, in pixels, are none. */
    private static final double NO_OFFSET = 1e-3;

    /** Intersection over union, with both edge pixels inside, as GenEval's {@code compute_iou} has it: 0 to 1. */
    double overlap(Box other) {
        Box shared = new Box(
                Math.max(left, other.left),
                Math.max(top, other.top),
                Math.min(right, other.right),
                Math.min(bottom, other.bottom));
        double union = area() + other.area() - shared.area();
        return union == 0 ? 0 : shared.area() / union;
    }

    private double area() {
        return Math.max(right - left + 1, 0) * Math.max(bottom - top + 1, 0);
    }

    /**
     * How this lies to another box, as GenEval's {@code relative_position}: the offset of the centres less
     * {@code slack} times the sum of both sides, in units of that offset, must be above one half.
     *
     * @return none, one or two of {@code left of}, {@code right of}, {@code above}, {@code below}
     */
    Set<String> relations(Box other, double slack) {
        double x = (left + right) / 2 - (other.left + other.right) / 2;
        double y = (top + bottom) / 2 - (other.top + other.bottom) / 2;
        double freeX = free(x, slack * (right - left + other.right - other.left));
        double freeY = free(y, slack * (bottom - top + other.bottom - other.top));
        Set<String> relations = new HashSet<>();
        if (Math.abs(freeX) < NO_OFFSET && Math.abs(freeY) < NO_OFFSET) {
            return relations;
        }
        double across = freeX / Math.hypot(x, y);
        double down = freeY / Math.hypot(x, y);
        if (Math.abs(across) > 0.5) {
            relations.add(across < 0 ? "left of" : "right of");
        }
        if (Math.abs(down) > 0.5) {
            relations.add(down < 0 ? "above" : "below");
        }
        return relations;
    }

    private static double free(double offset, double slack) {
        return Math.signum(offset) * Math.max(Math.abs(offset) - slack, 0);
    }

    /** The part of it that lies in an image. */
    Box within(int width, int height) {
        return new Box(clip(left, width), clip(top, height), clip(right, width), clip(bottom, height));
    }

    private static double clip(double value, int most) {
        return Math.max(0, Math.min(most, value));
    }

    /** The part of an image in this box, its edges rounded to pixels as Pillow rounds them, and at least one pixel. */
    RgbImage cut(RgbImage image) {
        int x = Math.min((int) Math.rint(left), image.width() - 1);
        int y = Math.min((int) Math.rint(top), image.height() - 1);
        int width = Math.max(1, (int) Math.rint(right) - x);
        int height = Math.max(1, (int) Math.rint(bottom) - y);
        byte[] rgb = new byte[3 * width * height];
        for (int row = 0; row < height; row++) {
            System.arraycopy(image.rgb(), 3 * ((y + row) * image.width() + x), rgb, 3 * row * width, 3 * width);
        }
        return new RgbImage(width, height, rgb);
    }
}
