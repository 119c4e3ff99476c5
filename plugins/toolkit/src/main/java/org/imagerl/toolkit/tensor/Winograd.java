package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Convolution with 3 x 3 weights by Winograd's F(2 x 2, 3 x 3) (Lavin and Gray, Fast Algorithms for Convolutional
 * Neural Networks, 2015, arXiv 1509.09308, section 4.1): tiles of 4 x 4 pixels that overlap by two give 2 x 2 pixels
 * each, with 16 in place of 36 multiplications; rounding is that of the direct convolution. The transforms are matrix
 * products with Kronecker products of the paper's matrices, on strips of rows that stay in the processor's cache. Not
 * differentiable: {@link #backward} is its gradient.
 */
public final class Winograd {
    /** B^T of the paper. */
    private static final double[][] ENTER = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}};

    /** G of the paper. */
    private static final double[][] TURN = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};

    /** G for a weight that is turned by half a turn. */
    private static final double[][] TURN_BACK = {{0, 0, 1}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {1, 0, 0}};

    /** A^T of the paper. */
    private static final double[][] LEAVE = {{1, 1, 1, 0}, {0, 1, -1, -1}};

    /** Below this, transforms cost more than the products save. */
    private static final int CHANNELS = 256;

    private static final int PIXELS = 32 * 32;

    /** Rows of tiles computed at a time. */
    private static final int STRIP = 8;

    private Winograd() {}

    /**
     * Whether a convolution of {@code x} {@code [B, C, h, w]} is computed so, which depends on device, dtype and shapes
     * alone.
     */
    public static boolean suits(NDArray x, NDArray weight, int stride, int padding) {
        Shape kernel = weight.getShape();
        Shape size = x.getShape();
        return stride == 1
                && padding == 1
                && kernel.get(2) == 3
                && kernel.get(3) == 3
                && Math.min(kernel.get(0), kernel.get(1)) >= CHANNELS
                && size.get(2) % 2 == 0
                && size.get(3) % 2 == 0
                && size.get(2) * size.get(3) >= PIXELS
                && !x.getDevice().isGpu()
                && Precision.of(x) == DataType.FLOAT32
                && Precision.of(weight) == DataType.FLOAT32;
    }

    /**
     * {@code x} {@code [B, in, h, w]} and {@code weight} {@code [out, in, 3, 3]} to {@code [B, out, h, w]}, with a
     * border of zeros.
     */
    public static NDArray convolve(NDArray x, NDArray weight) {
        return call(x, weight, constant("turn", TURN), false);
    }

    /**
     * The gradient of {@link #convolve}'s input {@code [B, in, h, w]} from that of its result {@code [B, out, h, w]}.
     */
    public static NDArray backward(NDArray gradient, NDArray weight) {
        return call(gradient, weight, constant("turn back", TURN_BACK), true);
    }

    private static NDArray call(NDArray x, NDArray weight, NDArray turn, boolean back) {
        return KernelModule.call(
                "winograd",
                x,
                weight,
                constant("enter", ENTER),
                turn,
                constant("leave", LEAVE),
                KernelModule.number(STRIP),
                KernelModule.number(back ? 1 : 0));
    }

    /** The Kronecker product of a matrix with itself, which transforms rows and columns. */
    private static NDArray constant(String name, double[][] matrix) {
        return KernelModule.constant("winograd " + name, manager -> {
            int rows = matrix.length;
            int columns = matrix[0].length;
            float[] product = new float[rows * rows * columns * columns];
            for (int i = 0; i < product.length; i++) {
                int row = i / (columns * columns);
                int column = i % (columns * columns);
                product[i] = (float) (matrix[row / rows][column / columns] * matrix[row % rows][column % columns]);
            }
            return manager.create(product, new Shape((long) rows * rows, (long) columns * columns));
        });
    }
}
