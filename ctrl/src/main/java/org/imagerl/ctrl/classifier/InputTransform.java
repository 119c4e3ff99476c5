package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import org.imagerl.toolkit.jpeg.BlockCosines;
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

    private static final BlockCosines LUMA = BlockCosines.of(1, LEVELS, BlockCosines.LUMA);
    private static final BlockCosines CHROMA = BlockCosines.of(1, LEVELS, BlockCosines.CHROMA);
    private static final BlockCosines SUBSAMPLED = BlockCosines.of(2, LEVELS, BlockCosines.CHROMA);

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
        NDArray luma = LUMA.apply(images);
        if (this == DCT) {
            return luma.concat(CHROMA.apply(images), 1);
        }
        NDArray chroma = SUBSAMPLED.apply(images);
        Shape shape = luma.getShape();
        return luma.concat(Kernels.upsampleNearest(chroma, (int) shape.get(2), (int) shape.get(3)), 1);
    }
}
