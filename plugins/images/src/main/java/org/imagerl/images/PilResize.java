package org.imagerl.images;

import java.util.Arrays;
import java.util.stream.IntStream;
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

    /** Pixels of both directions of a tile. */
    private static final int TILE = 16;

    private PilResize() {}

    /** The weights of one output pixel: {@code fixed[i]} belongs to input pixel {@code first + i}; they sum to 2^22. */
    private record Window(int first, int[] fixed) {
        int end() {
            return first + fixed.length;
        }
    }

    /** Resizes to {@code width} x {@code height} pixels, both at least 1. */
    public static RgbImage bicubic(RgbImage image, int width, int height) {
        return resize(image, width, height, ResizeFilter.BICUBIC);
    }

    /** As diffusers resizes the images that pipelines begin with. */
    public static RgbImage lanczos(RgbImage image, int width, int height) {
        return resize(image, width, height, ResizeFilter.LANCZOS);
    }

    /** Resizes to {@code width} x {@code height} pixels, both at least 1. An axis that keeps its size is copied, as in Pillow. */
    public static RgbImage resize(RgbImage image, int width, int height, ResizeFilter filter) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        Window[] columns = windows(image.width(), width, filter);
        Window[] rows = windows(image.height(), height, filter);
        int longest =
                Arrays.stream(rows).mapToInt(row -> row.fixed.length).max().orElse(0);
        int block = Math.min(BLOCK, image.height());
        int[][] transposed = new int[image.width()][3 * block];
        int[] column = new int[3 * block];
        int[] row = new int[3 * width];
        int[][] wide = new int[image.height()][]; // rows of the image, as wide as the result
        byte[] out = new byte[3 * width * height];
        int done = 0;
        for (int top = 0; top < image.height(); top += block) {
            int end = Math.min(image.height(), top + block);
            for (int y = top; y < end; y++) {
                int unused = y - block - longest; // by any later window
                wide[y] = unused < 0 ? new int[3 * width] : wide[unused];
            }
            transpose(image, top, end, transposed);
            for (int x = 0; x < width; x++) {
                combine(transposed, columns[x], column);
                transposeBack(column, wide, top, end, x);
            }
            for (; done < height && rows[done].end() <= end; done++) {
                combine(wide, rows[done], row);
                toBytes(row, out, done * row.length);
            }
        }
        return new RgbImage(width, height, out);
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

    /**
     * Puts a pixel of some rows side by side, so that both directions are one loop over ints; by tiles, because far pixels of many rows
     * share the places of a cache.
     *
     * @param columns gets the red, green and blue values of each column
     */
    private static void transpose(RgbImage image, int top, int end, int[][] columns) {
        for (int y = top; y < end; y += TILE) {
            for (int x = 0; x < columns.length; x += TILE) {
                for (int i = x; i < Math.min(columns.length, x + TILE); i++) {
                    transpose(image, i, y, columns[i], y - top, Math.min(end - y, TILE));
                }
            }
        }
    }

    private static void transpose(RgbImage image, int x, int y, int[] column, int to, int count) {
        byte[] in = image.rgb();
        int from = (y * image.width() + x) * 3;
        int green = column.length / 3;
        int blue = 2 * green;
        for (int row = to; row < to + count; row++) {
            column[row] = in[from] & 0xff;
            column[row + green] = in[from + 1] & 0xff;
            column[row + blue] = in[from + 2] & 0xff;
            from += image.width() * 3;
        }
    }

    private static void toBytes(int[] row, byte[] out, int start) {
        for (int x = 0; x < row.length; x++) {
            out[start + x] = (byte) row[x];
        }
    }

    private static void transposeBack(int[] column, int[][] rows, int top, int end, int x) {
        int green = column.length / 3;
        int blue = 2 * green;
        for (int row = 0; row < end - top; row++) {
            int[] out = rows[top + row];
            out[3 * x] = column[row];
            out[3 * x + 1] = column[row + green];
            out[3 * x + 2] = column[row + blue];
        }
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
        return from == to
                ? IntStream.range(0, to)
                        .mapToObj(x -> new Window(x, new int[] {1 << PRECISION_BITS}))
                        .toArray(Window[]::new)
                : Arrays.stream(filter.windows(from, to)).map(PilResize::fixed).toArray(Window[]::new);
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
