package org.imagerl.toolkit.jpeg;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;

/**
 * The orthonormal DCT-II of every square of 8 x 8 samples, as a convolution whose stride is its size; differentiable.
 *
 * @param channels of the result: 64 frequencies for each colour
 * @param side of a square in pixels
 * @param weights {@code [channels, 3, side, side]}, row by row
 */
public record BlockCosines(int channels, int side, float[] weights) {
    /** Samples on a side of a square. */
    public static final int SQUARE = 8;

    /** Y of red, green and blue, as in JFIF. */
    public static final List<double[]> LUMA = List.of(new double[] {0.299, 0.587, 0.114});

    /** Cb and Cr. */
    public static final List<double[]> CHROMA =
            List.of(new double[] {-0.168736, -0.331264, 0.5}, new double[] {0.5, -0.418688, -0.081312});

    /**
     * The transform of images in 0..1.
     *
     * @param sampled width and height of the pixels that are one sample, their mean: 2 for colours of 4:2:0
     * @param levels what the values are multiplied by: 255 for coefficients as in files
     * @param colours factors of red, green and blue
     */
    public static BlockCosines of(int sampled, double levels, List<double[]> colours) {
        int side = sampled * SQUARE;
        float[] weight = new float[colours.size() * SQUARE * SQUARE * 3 * side * side];
        int next = 0;
        for (double[] colour : colours) {
            for (int frequency = 0; frequency < SQUARE * SQUARE; frequency++) {
                for (double share : colour) {
                    for (int pixel = 0; pixel < side * side; pixel++) {
                        double vertical = cosine(frequency / SQUARE, pixel / side / sampled);
                        double horizontal = cosine(frequency % SQUARE, pixel % side / sampled);
                        weight[next++] = (float) (levels * share * vertical * horizontal / (sampled * sampled));
                    }
                }
            }
        }
        return new BlockCosines(colours.size() * SQUARE * SQUARE, side, weight);
    }

    /** A value of the orthonormal DCT-II. */
    private static double cosine(int frequency, int pixel) {
        double norm = Math.sqrt((frequency == 0 ? 1.0 : 2.0) / SQUARE);
        return norm * Math.cos((2 * pixel + 1) * frequency * Math.PI / (2 * SQUARE));
    }

    /**
     * Transforms images.
     *
     * @param images float32 {@code [B, 3, H, W]}, sides multiples of {@link #side}
     * @return float32 {@code [B, channels, H / side, W / side]}
     */
    public NDArray apply(NDArray images) {
        Shape shape = new Shape(channels, 3, side, side);
        NDArray weight = images.getManager().create(weights, shape).duplicate();
        Shape stride = new Shape(side, side);
        return JniUtils.convolution(
                (PtNDArray) images, (PtNDArray) weight, null, stride, new Shape(0, 0), new Shape(1, 1), 1);
    }
}
