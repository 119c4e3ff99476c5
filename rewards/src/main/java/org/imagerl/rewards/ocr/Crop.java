package org.imagerl.rewards.ocr;

import org.imagerl.rewards.ocr.Quad.Point;
import org.imagerl.spi.RgbImage;

/**
 * Cuts a box out of an image, upright: a box much higher than wide is a line on its side, and turned.
 *
 * <p>Source: PaddleOCR 2.9, tools/infer/utility.py, get_rotate_crop_image; sampling is bilinear here, cubic there (the same for
 * boxes that are not tilted).
 */
final class Crop {
    private static final double TURN_FROM = 1.5;

    private Crop() {}

    /** The part of the image in the box, text running from left to right. */
    static RgbImage of(RgbImage image, Quad box) {
        int width = Math.max(1, (int) box.width());
        int height = Math.max(1, (int) box.height());
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0, to = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                Point p = inImage(box, (double) x / width, (double) y / height);
                for (int c = 0; c < 3; c++) {
                    rgb[to++] = (byte) sample(image, p, c);
                }
            }
        }
        RgbImage crop = new RgbImage(width, height, rgb);
        return height >= TURN_FROM * width ? turned(crop) : crop;
    }

    /** The place that is the share {@code right} of the way along the line and {@code down} of the way across it. */
    private static Point inImage(Quad box, double right, double down) {
        Point o = box.topLeft();
        return new Point(
                o.x()
                        + right * (box.topRight().x() - o.x())
                        + down * (box.bottomLeft().x() - o.x()),
                o.y()
                        + right * (box.topRight().y() - o.y())
                        + down * (box.bottomLeft().y() - o.y()));
    }

    /** Between pixel centres; outside the image its border goes on. */
    private static int sample(RgbImage image, Point p, int channel) {
        double x = Math.max(0, Math.min(image.width() - 1, p.x()));
        double y = Math.max(0, Math.min(image.height() - 1, p.y()));
        int left = (int) x;
        int top = (int) y;
        int right = Math.min(left + 1, image.width() - 1);
        int bottom = Math.min(top + 1, image.height() - 1);
        double upper = mix(image.at(left, top, channel), image.at(right, top, channel), x - left);
        double lower = mix(image.at(left, bottom, channel), image.at(right, bottom, channel), x - left);
        return (int) Math.rint(mix(upper, lower, y - top));
    }

    private static double mix(double a, double b, double share) {
        return a + (b - a) * share;
    }

    /** A quarter turn against the clock. */
    private static RgbImage turned(RgbImage image) {
        int width = image.height();
        int height = image.width();
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0, to = 0; y < height; y++) {
            for (int x = 0; x < width; x++, to += 3) {
                System.arraycopy(image.rgb(), (x * image.width() + image.width() - 1 - y) * 3, rgb, to, 3);
            }
        }
        return new RgbImage(width, height, rgb);
    }
}
