package org.imagerl.images;

/**
 * Convolution kernels for resizing, as Pillow and (with antialias) PyTorch define them.
 *
 * <p>Source: Pillow, src/libImaging/Resample.c.
 */
public enum ResizeFilter {
    BOX(0.5) {
        @Override
        double weight(double x) {
            return x > -0.5 && x <= 0.5 ? 1 : 0;
        }
    },
    BILINEAR(1) {
        @Override
        double weight(double x) {
            return Math.max(0, 1 - Math.abs(x));
        }
    },
    HAMMING(1) {
        @Override
        double weight(double x) {
            double d = Math.abs(x);
            return d >= 1 ? 0 : sinc(d) * (0.54 + 0.46 * Math.cos(Math.PI * d));
        }
    },
    /** Keys' cubic with a = -0.5. */
    BICUBIC(2) {
        @Override
        double weight(double x) {
            double a = -0.5;
            double d = Math.abs(x);
            if (d < 1.0) {
                return ((a + 2.0) * d - (a + 3.0)) * d * d + 1;
            }
            return d < 2.0 ? (((d - 5) * d + 8) * d - 4) * a : 0.0;
        }
    },
    LANCZOS(3) {
        @Override
        double weight(double x) {
            return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
        }
    };

    private final double support;

    ResizeFilter(double support) {
        this.support = support;
    }

    /** The value of the kernel. */
    abstract double weight(double x);

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }

    /** The weights of one output pixel: {@code weights[i]} belongs to input pixel {@code first + i}; they sum to 1. */
    record Window(int first, double[] weights) {}

    /** The windows of all output pixels of one axis: stretched by the scale when shrinking, which smooths. */
    Window[] windows(int from, int to) {
        double scale = (double) from / to;
        double stretch = Math.max(scale, 1.0);
        Window[] windows = new Window[to];
        for (int x = 0; x < to; x++) {
            windows[x] = window(from, (x + 0.5) * scale, stretch);
        }
        return windows;
    }

    /**
     * The resize of one axis as a matrix.
     *
     * @param from pixels before
     * @param to pixels after
     * @return {@code [to][from]}, rows that sum to 1
     */
    public double[][] matrix(int from, int to) {
        double[][] matrix = new double[to][from];
        Window[] windows = windows(from, to);
        for (int y = 0; y < to; y++) {
            double[] weights = windows[y].weights();
            System.arraycopy(weights, 0, matrix[y], windows[y].first(), weights.length);
        }
        return matrix;
    }

    private Window window(int from, double centre, double stretch) {
        int first = Math.max(0, (int) (centre - support * stretch + 0.5));
        int last = Math.min(from, (int) (centre + support * stretch + 0.5));
        double inverse = 1.0 / stretch;
        double[] weights = new double[last - first];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = weight((i + first - centre + 0.5) * inverse);
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return new Window(first, weights);
    }
}
