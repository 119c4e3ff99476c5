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

    /** Rows that are transposed at a time: fewer have short loops, and more leave the caches. */
    private static final int BLOCK = 64;

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

    /** Transposes some rows at a time, so that a pixel of all of them lies side by side, and both directions are one loop over ints. */
    private static byte[] alongRows(RgbImage image, Window[] columns) {
        int block = Math.min(BLOCK, image.height());
        int[][] transposed = new int[image.width()][3 * block];
        int[] sums = new int[3 * block];
        byte[] out = new byte[image.height() * columns.length * 3];
        for (int top = 0; top < image.height(); top += block) {
            int rows = Math.min(block, image.height() - top);
            for (int x = 0; x < image.width(); x++) {
                transpose(image, top, rows, x, transposed[x]);
            }
            for (int x = 0; x < columns.length; x++) {
                combine(transposed, columns[x], sums);
                transposeBack(sums, rows, out, (top * columns.length + x) * 3, columns.length * 3);
            }
        }
        return out;
    }

    /** @param column gets the red, green and blue values of one pixel of each row */
    private static void transpose(RgbImage image, int top, int rows, int x, int[] column) {
        byte[] in = image.rgb();
        for (int channel = 0; channel < 3; channel++) {
            int from = (top * image.width() + x) * 3 + channel;
            int to = channel * column.length / 3;
            for (int row = 0; row < rows; row++) {
                column[to + row] = in[from] & 0xff;
                from += image.width() * 3;
            }
        }
    }

    private static void transposeBack(int[] column, int rows, byte[] out, int start, int stride) {
        for (int channel = 0; channel < 3; channel++) {
            int from = channel * column.length / 3;
            int to = start + channel;
            for (int row = 0; row < rows; row++) {
                out[to] = (byte) column[from + row];
                to += stride;
            }
        }
    }

    private static byte[] alongColumns(byte[] in, int stride, Window[] rows) {
        byte[] out = new byte[rows.length * stride];
        int kept = Arrays.stream(rows).mapToInt(row -> row.fixed.length).max().orElse(0);
        int[][] read = new int[in.length / stride][];
        int[] sums = new int[stride];
        int next = 0;
        for (int y = 0; y < rows.length; y++) {
            for (; next < rows[y].first + rows[y].fixed.length; next++) {
                read[next] = next < kept ? new int[stride] : read[next - kept]; // which no later window needs
                for (int x = 0; x < stride; x++) {
                    read[next][x] = in[next * stride + x] & 0xff;
                }
            }
            combine(read, rows[y], sums);
            for (int x = 0; x < stride; x++) {
                out[y * stride + x] = (byte) sums[x];
            }
        }
        return out;
    }

    /** The weighted sum of a window's rows, rounded to bytes, in loops that the compiler turns into vector instructions. */
    private static void combine(int[][] in, Window window, int[] sums) {
        int[] weights = window.fixed;
        Arrays.fill(sums, HALF);
        int i = 0;
        for (; i + 1 < weights.length; i += 2) {
            add(in[window.first + i], weights[i], in[window.first + i + 1], weights[i + 1], sums);
        }
        if (i < weights.length) {
            add(in[window.first + i], weights[i], sums);
        }
        for (int x = 0; x < sums.length; x++) {
            int value = sums[x] >> PRECISION_BITS;
            sums[x] = (value | ((255 - value) >> 31))
                    & ~(value >> 31)
                    & 255; // to 0 below it and to 255 above it, without a branch
        }
    }

    private static void add(int[] row, int weight, int[] sums) {
        for (int x = 0; x < sums.length; x++) {
            sums[x] += row[x] * weight;
        }
    }

    private static void add(int[] row, int weight, int[] next, int nextWeight, int[] sums) {
        for (int x = 0; x < sums.length; x++) {
            sums[x] += row[x] * weight + next[x] * nextWeight;
        }
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
