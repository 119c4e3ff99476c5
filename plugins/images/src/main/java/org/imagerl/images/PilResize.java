package org.imagerl.images;

import org.imagerl.spi.RgbImage;

/**
 * Pillow's bicubic resize ({@code Image.resize(size, BICUBIC)}), byte for byte: what CLIP-like scorers preprocess with. A
 * convolution with Keys' cubic kernel (a = -0.5), stretched by the scale when shrinking (which smooths; Java2D does not),
 * first along rows, then along columns, rounded to bytes between, in 22-bit fixed point.
 *
 * <p>Source: Pillow, src/libImaging/Resample.c.
 */
public final class PilResize {
    private static final int PRECISION_BITS = 32 - 8 - 2;
    private static final double SUPPORT = 2.0;

    private PilResize() {}

    /** The weights of one output pixel: {@code fixed[i]} belongs to input pixel {@code first + i}; they sum to 2^22. */
    private record Window(int first, int[] fixed) {}

    /** Resizes to {@code width} x {@code height} pixels, both at least 1. */
    public static RgbImage bicubic(RgbImage image, int width, int height) {
        byte[] wide =
                resample(image.rgb(), image.height(), image.width() * 3, 3, windows(image.width(), width), width * 3);
        byte[] both = resample(wide, 1, width * 3, width * 3, windows(image.height(), height), width * 3 * height);
        return new RgbImage(width, height, both);
    }

    /** Resizes so that the shorter side has {@code edge} pixels and the longer {@code floor(edge * long / short)}. */
    public static RgbImage shortestEdge(RgbImage image, int edge) {
        int shorter = Math.min(image.width(), image.height());
        return bicubic(
                image,
                Math.toIntExact((long) edge * image.width() / shorter),
                Math.toIntExact((long) edge * image.height() / shorter));
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

    private static Window[] windows(int from, int to) {
        double scale = (double) from / to;
        double stretch = Math.max(scale, 1.0);
        Window[] windows = new Window[to];
        for (int x = 0; x < to; x++) {
            windows[x] = window(from, (x + 0.5) * scale, stretch);
        }
        return windows;
    }

    private static Window window(int from, double centre, double stretch) {
        int first = Math.max(0, (int) (centre - SUPPORT * stretch + 0.5));
        int last = Math.min(from, (int) (centre + SUPPORT * stretch + 0.5));
        double inverse = 1.0 / stretch;
        double[] weights = new double[last - first];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = cubic((i + first - centre + 0.5) * inverse);
            sum += weights[i];
        }
        int[] fixed = new int[weights.length];
        for (int i = 0; i < weights.length; i++) {
            double weight = weights[i] / sum * (1 << PRECISION_BITS);
            fixed[i] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
        }
        return new Window(first, fixed);
    }

    private static double cubic(double x) {
        double a = -0.5;
        double d = Math.abs(x);
        if (d < 1.0) {
            return ((a + 2.0) * d - (a + 3.0)) * d * d + 1;
        }
        return d < 2.0 ? (((d - 5) * d + 8) * d - 4) * a : 0.0;
    }
}
