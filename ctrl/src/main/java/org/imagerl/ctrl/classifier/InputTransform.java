package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.Locale;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** The representation of images that a classifier's first block takes. */
enum InputTransform {
    /** The pixels themselves, in [-1, 1]: {@code [B, 3, H, W]}. */
    PIXELS(3, 1),

    /**
     * The magnitude of every frequency in every square of 8 x 8 pixels, {@code [B, 192, H / 8, W / 8]}: log(1 + c^2) / 2 - 1 / 2, about -1/2
     * to 5, of the coefficients c of the orthonormal DCT-II of Y, Cb and Cr, in units of 2 of 255 levels. They are those of a JPEG without
     * subsampling of colours, before rounding, but for a level shift of 127.5 in place of 128. Networks on the coefficients of JPEG files:
     * Gueguen, Sergeev, Kadlec, Liu, Yosinski, Faster Neural Networks Straight from JPEG, NeurIPS 2018; the logarithm, of which the number
     * of bits is nearly a sum, is ours. Signs are lost, so that it suits texture and size, not meaning.
     */
    DCT(3 * InputTransform.SQUARE * InputTransform.SQUARE, InputTransform.SQUARE),

    /**
     * The same of what a JPEG file has with 4:2:0, as Pillow and most cameras write: Cb and Cr are those of the square of 16 x 16 around, 2 x 2
     * pixels taken together. Every channel is {@link Standardised}, and the network sees one square: the size of a file is nearly a sum
     * over them.
     */
    JPEG(3 * InputTransform.SQUARE * InputTransform.SQUARE, 2 * InputTransform.SQUARE);

    private static final int SQUARE = 8;
    private static final double LEVELS = 255.0 / 2;

    /** From red, green and blue, as in JFIF: Y; Cb and Cr. */
    private static final double[][] LUMA = {{0.299, 0.587, 0.114}};

    private static final double[][] CHROMA = {{-0.168736, -0.331264, 0.5}, {0.5, -0.418688, -0.081312}};
    private static final float[] LUMA_COSINES = cosines(1, LUMA);
    private static final float[] CHROMA_COSINES = cosines(1, CHROMA);
    private static final float[] SUBSAMPLED_COSINES = cosines(2, CHROMA);

    private final int channels;
    private final int multipleOf;

    InputTransform(int channels, int multipleOf) {
        this.channels = channels;
        this.multipleOf = multipleOf;
    }

    int channels() {
        return channels;
    }

    /** Width of the convolutions. */
    int kernel() {
        return this == JPEG ? 1 : 3;
    }

    /** Whether every channel is standardised to mean 0 and deviation 1 over the training images. */
    boolean standardised() {
        return this == JPEG;
    }

    /** The name of this input in files. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The number of which width and height of images must be multiples. */
    int multipleOf() {
        return multipleOf;
    }

    /** The default strides of the blocks: the published ones for pixels, 1 for squares of 8 x 8, which are small enough. */
    List<Integer> strides() {
        return this == PIXELS ? List.of(1, 2, 2) : List.of(1);
    }

    /**
     * Computes the representation, differentiably.
     *
     * @param images {@code [B, 3, H, W]}, float32 in [0, 1]
     * @return float32, {@code [B, 3, H, W]} of pixels, {@code [B, 192, H / 8, W / 8]} of frequencies
     */
    NDArray apply(NDArray images) {
        return this == PIXELS
                ? Kernels.shift(Kernels.scale(images, 2), -1)
                : Scope.of(() -> {
                    NDArray c = transformed(Kernels.shift(images, -0.5));
                    return Kernels.shift(
                            Kernels.scale(Kernels.shift(c.mul(c), 1).log(), 0.5), -0.5);
                });
    }

    private NDArray transformed(NDArray images) {
        NDArray luma = transformed(images, LUMA_COSINES, SQUARE);
        if (this == DCT) {
            return luma.concat(transformed(images, CHROMA_COSINES, SQUARE), 1);
        }
        NDArray chroma = transformed(images, SUBSAMPLED_COSINES, 2 * SQUARE);
        Shape shape = luma.getShape();
        return luma.concat(Kernels.upsampleNearest(chroma, (int) shape.get(2), (int) shape.get(3)), 1);
    }

    private static NDArray transformed(NDArray images, float[] cosines, int side) {
        Shape shape = new Shape(cosines.length / (3L * side * side), 3, side, side);
        NDArray weight = images.getManager().create(cosines, shape).duplicate();
        Shape stride = new Shape(side, side);
        return JniUtils.convolution(
                (PtNDArray) images, (PtNDArray) weight, null, stride, new Shape(0, 0), new Shape(1, 1), 1);
    }

    /**
     * The transform as a convolution whose stride is its size: a row per colour and frequency.
     *
     * @param sampled width and height of the pixels that are one sample of the transform, their mean
     */
    private static float[] cosines(int sampled, double[]... colours) {
        int side = sampled * SQUARE;
        float[] weight = new float[colours.length * SQUARE * SQUARE * 3 * side * side];
        int next = 0;
        for (double[] colour : colours) {
            for (int frequency = 0; frequency < SQUARE * SQUARE; frequency++) {
                for (double share : colour) {
                    for (int pixel = 0; pixel < side * side; pixel++) {
                        double vertical = cosine(frequency / SQUARE, pixel / side / sampled);
                        double horizontal = cosine(frequency % SQUARE, pixel % side / sampled);
                        weight[next++] = (float) (LEVELS * share * vertical * horizontal / (sampled * sampled));
                    }
                }
            }
        }
        return weight;
    }

    /** A value of the orthonormal DCT-II. */
    private static double cosine(int frequency, int pixel) {
        double norm = Math.sqrt((frequency == 0 ? 1.0 : 2.0) / SQUARE);
        return norm * Math.cos((2 * pixel + 1) * frequency * Math.PI / (2 * SQUARE));
    }
}
