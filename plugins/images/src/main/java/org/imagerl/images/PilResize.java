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

    private PilResize() {}

    /** The weights of one output pixel: {@code fixed[i]} belongs to input pixel {@code first + i}; they sum to 2^22. */
    private record Window(int first, int[] fixed) {}

    /** Resizes to {@code width} x {@code height} pixels, both at least 1. */
    public static RgbImage bicubic(RgbImage image, int width, int height) {
        return resize(image, width, height, ResizeFilter.BICUBIC);
    }

    /** Resizes to {@code width} x {@code height} pixels, both at least 1. An axis that keeps its size is copied, as in Pillow. */
    public static RgbImage resize(RgbImage image, int width, int height, ResizeFilter filter) {
        byte[] wide = image.rgb();
        if (width != image.width()) {
            Window[] columns = windows(image.width(), width, filter);
            wide = resample(wide, image.height(), image.width() * 3, 3, columns, width * 3);
        }
        if (height == image.height()) {
            return new RgbImage(width, height, wide);
        }
        Window[] rows = windows(image.height(), height, filter);
        return new RgbImage(width, height, resample(wide, 1, width * 3, width * 3, rows, width * 3 * height));
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
     * Convolves the axis whose neighbours are {@code stride} bytes apart. The bytes are seen as {@code lines} blocks of
     * {@code from} bytes that become blocks of {@code to} bytes, each holding {@code stride} interleaved signals.
     */
    private static byte[] resample(byte[] in, int lines, int from, int stride, Window[] windows, int to) {
        byte[] out = new byte[lines * to];
        for (int line = 0; line < lines; line++) {
            for (int x = 0; x < windows.length; x++) {
                int start = line * from + windows[x].first * stride;
                for (int signal = 0; signal < stride; signal++) {
                    out[line * to + x * stride + signal] = convolve(in, start + signal, stride, windows[x].fixed);
                }
            }
        }
        return out;
    }

    private static byte convolve(byte[] in, int start, int stride, int[] fixed) {
        int sum = 1 << (PRECISION_BITS - 1);
        for (int i = 0, at = start; i < fixed.length; i++, at += stride) {
            sum += (in[at] & 0xff) * fixed[i];
        }
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
