package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.Locale;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** What the first block of a classifier sees of pictures. */
public enum Input {
    /** The pixels themselves, in [-1, 1]: {@code [B, 3, H, W]}. */
    PIXELS(3, 1),

    /**
     * How strong every frequency is in every square of 8 x 8 pixels, {@code [B, 192, H / 8, W / 8]}: log(1 + c^2) / 2 - 1 / 2, about -1/2
     * to 5, of the coefficients c of the orthonormal DCT-II of Y, Cb and Cr, in units of 2 of 255 levels. They are those of a JPEG without
     * subsampling of colours, before rounding, but for a level shift of 127.5 in place of 128. Networks on the coefficients of JPEG files:
     * Gueguen, Sergeev, Kadlec, Liu, Yosinski, Faster Neural Networks Straight from JPEG, NeurIPS 2018; the logarithm, of which the number
     * of bits is nearly a sum, is ours. Signs are lost, so that it suits texture and size, not meaning.
     */
    DCT(3 * Input.SQUARE * Input.SQUARE, Input.SQUARE);

    private static final int SQUARE = 8;
    private static final double LEVELS = 255.0 / 2;

    /** From red, green and blue, as in JFIF. */
    private static final double[][] YCC = {
        {0.299, 0.587, 0.114}, {-0.168736, -0.331264, 0.5}, {0.5, -0.418688, -0.081312}
    };

    private static final float[] COSINES = cosines();

    private final int channels;
    private final int multipleOf;

    Input(int channels, int multipleOf) {
        this.channels = channels;
        this.multipleOf = multipleOf;
    }

    int channels() {
        return channels;
    }

    /** In files. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What width and height of pictures must be multiples of. */
    int multipleOf() {
        return multipleOf;
    }

    /** Of the blocks, where nothing else is said: the published ones for pixels; a square of 8 x 8 is small enough. */
    List<Integer> strides() {
        return this == PIXELS ? List.of(1, 2, 2) : List.of(1);
    }

    /**
     * What is seen, differentiably.
     *
     * @param pictures {@code [B, 3, H, W]}, float32 in [0, 1]
     * @return {@code [B, channels, H / multipleOf, W / multipleOf]}, float32
     */
    NDArray apply(NDArray pictures) {
        return this == PIXELS
                ? Kernels.shift(Kernels.scale(pictures, 2), -1)
                : Scope.of(() -> {
                    NDArray c = transformed(Kernels.shift(pictures, -0.5));
                    return Kernels.shift(
                            Kernels.scale(Kernels.shift(c.mul(c), 1).log(), 0.5), -0.5);
                });
    }

    private NDArray transformed(NDArray pictures) {
        Shape shape = new Shape(channels, 3, SQUARE, SQUARE);
        NDArray weight = pictures.getManager().create(COSINES, shape).duplicate();
        Shape stride = new Shape(SQUARE, SQUARE);
        return JniUtils.convolution(
                (PtNDArray) pictures, (PtNDArray) weight, null, stride, new Shape(0, 0), new Shape(1, 1), 1);
    }

    /** The transform as a convolution whose stride is its size: a row per colour and frequency. */
    private static float[] cosines() {
        float[] weight = new float[9 * SQUARE * SQUARE * SQUARE * SQUARE];
        int next = 0;
        for (double[] colour : YCC) {
            for (int frequency = 0; frequency < SQUARE * SQUARE; frequency++) {
                for (double share : colour) {
                    for (int pixel = 0; pixel < SQUARE * SQUARE; pixel++) {
                        double vertical = cosine(frequency / SQUARE, pixel / SQUARE);
                        double horizontal = cosine(frequency % SQUARE, pixel % SQUARE);
                        weight[next++] = (float) (LEVELS * share * vertical * horizontal);
                    }
                }
            }
        }
        return weight;
    }

    /** Of the orthonormal DCT-II. */
    private static double cosine(int frequency, int pixel) {
        double norm = Math.sqrt((frequency == 0 ? 1.0 : 2.0) / SQUARE);
        return norm * Math.cos((2 * pixel + 1) * frequency * Math.PI / (2 * SQUARE));
    }
}
