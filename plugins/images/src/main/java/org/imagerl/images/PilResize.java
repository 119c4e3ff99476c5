package org.imagerl.images;

import java.util.Arrays;
import org.imagerl.spi.RgbImage;

/**
 * Pillow's resize ({@code Image.resize(size, BICUBIC)} and the other filters), byte for byte: what CLIP-like scorers preprocess
 * with. A convolution with a kernel that is stretched by the scale when shrinking (which smooths; Java2D does not), first along
 * rows, then along columns, rounded to bytes between, in 22-bit fixed point.
 *
 * <p>Source: Pillow, src/libImaging/Resample.c.
 */
public final class PilResize {
    private static final int PRECISION_BITS = 32 - 8 - 2;
    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private PilResize() {}

    /** The weights of one output pixel: {@code fixed[i]} belongs to input pixel {@code first + i}; they sum to 2^22. */
    private record Window(int first, int[] fixed) {}

    /** Resizes to {@code width} x {@code height} pixels, both at least 1. */
    public static RgbImage bicubic(RgbImage image, int width, int height) {
        return resize(image, width, height, ResizeFilter.BICUBIC);
    }

    /** As diffusers resizes the images that pipelines begin with; an image of the size stays as it is. */
    public static RgbImage lanczos(RgbImage image, int width, int height) {
        boolean same = image.width() == width && image.height() == height;
        return same ? image : resize(image, width, height, ResizeFilter.LANCZOS);
    }

    /** Resizes to {@code width} x {@code height} pixels, both at least 1. An axis that keeps its size is copied, as in Pillow. */
    public static RgbImage resize(RgbImage image, int width, int height, ResizeFilter filter) {
        byte[] wide = width == image.width() ? image.rgb() : alongRows(image, windows(image.width(), width, filter));
        byte[] both = height == image.height()
                ? wide
                : alongColumns(wide, 3 * width, windows(image.height(), height, filter));
        return new RgbImage(width, height, both);
    }

    /** Resizes so that the shorter side has {@code edge} pixels and the longer {@code floor(edge * long / short)}. */
    public static RgbImage shortestEdge(RgbImage image, int edge) {
        return shortestEdge(image, edge, ResizeFilter.BICUBIC);
    }

    /** As {@link #shortestEdge(RgbImage, int)}, by any filter. */
    public static RgbImage shortestEdge(RgbImage image, int edge, ResizeFilter filter) {
        int shorter = Math.min(image.width(), image.height());
        return resize(
                image,
                Math.toIntExact((long) edge * image.width() / shorter),
                Math.toIntExact((long) edge * image.height() / shorter),
                filter);
    }

    private static byte[] alongRows(RgbImage image, Window[] columns) {
        byte[] in = image.rgb();
        byte[] out = new byte[image.height() * columns.length * 3];
        int at = 0;
        for (int y = 0; y < image.height(); y++) {
            for (Window window : columns) {
                int from = (y * image.width() + window.first) * 3;
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                for (int weight : window.fixed) {
                    red += (in[from] & 0xff) * weight;
                    green += (in[from + 1] & 0xff) * weight;
                    blue += (in[from + 2] & 0xff) * weight;
                    from += 3;
                }
                out[at] = toByte(red);
                out[at + 1] = toByte(green);
                out[at + 2] = toByte(blue);
                at += 3;
            }
        }
        return out;
    }

    /** A whole row at a time, which the compiler turns into vector instructions. */
    private static byte[] alongColumns(byte[] in, int stride, Window[] rows) {
        byte[] out = new byte[rows.length * stride];
        int[] sums = new int[stride];
        for (int y = 0; y < rows.length; y++) {
            Arrays.fill(sums, HALF);
            for (int i = 0; i < rows[y].fixed.length; i++) {
                add(in, (rows[y].first + i) * stride, rows[y].fixed[i], sums);
            }
            for (int x = 0; x < stride; x++) {
                out[y * stride + x] = toByte(sums[x]);
            }
        }
        return out;
    }

    private static void add(byte[] in, int from, int weight, int[] sums) {
        for (int x = 0; x < sums.length; x++) {
            sums[x] += (in[from + x] & 0xff) * weight;
        }
    }

    private static byte toByte(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> PRECISION_BITS));
    }

    private static Window[] windows(int from, int to, ResizeFilter filter) {
        return Arrays.stream(filter.windows(from, to)).map(PilResize::fixed).toArray(Window[]::new);
    }

    private static Window fixed(ResizeFilter.Window window) {
        int[] fixed = new int[window.weights().length];
        for (int i = 0; i < fixed.length; i++) {
            double weight = window.weights()[i] * (1 << PRECISION_BITS);
            fixed[i] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
        }
        return new Window(window.first(), fixed);
    }
}
