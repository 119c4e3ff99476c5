package org.imagerl.toolkit.jpeg;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Objects;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The size of a JPEG file (4:2:0, standard tables) as a differentiable function of the image. A file holds coefficients
 * that are divided by the step of their frequency and rounded, which have no gradient; here each coefficient c, divided
 * by its step and not rounded, is taken for
 *
 * <pre>
 * log2(1 + sqrt(c^2 + 0.01) - 0.1)    bits, times a factor
 * </pre>
 *
 * and the first coefficient of a square for the bits of its difference from that of the square before it. Factor, bits
 * per square and header were fitted to files (see {@code docs/reward-gradients.md}). This form is ours; the relaxation
 * of counts of bits by a logarithm is that of learned compression.
 */
final class JpegSizeEstimate {
    static final int MULTIPLE = 16;

    private static final double LEVELS = 255;
    private static final double SOFTNESS = 0.1;
    private static final double NATS_PER_BIT = Math.log(2);
    private static final double BITS_PER_LOGARITHM = 2.747;
    private static final double BITS_PER_SQUARE = 4.12;
    private static final double HEADER_BITS = 8 * 623;
    private static final double BITS_PER_KB = 8000;

    /** Annex K of the standard, ITU-T T.81, table K.1, row by row. */
    private static final int[] LUMA_STEPS = {
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
        51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121,
        120, 101, 72, 92, 95, 98, 112, 100, 103, 99
    };

    /** Table K.2: the corner of low frequencies; all others are 99. */
    private static final int[][] CHROMA_STEPS = {{17, 18, 24, 47}, {18, 21, 26, 66}, {24, 26, 56}, {47, 66}};

    private static final int OTHER_CHROMA_STEP = 99;

    private final BlockCosines luma = BlockCosines.of(1, LEVELS, BlockCosines.LUMA);
    private final BlockCosines chroma = BlockCosines.of(2, LEVELS, BlockCosines.CHROMA);
    private final float[] lumaInverse;
    private final float[] chromaInverse;

    /** @param quality 1 to 100, as libjpeg scales its tables by it */
    JpegSizeEstimate(int quality) {
        int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        lumaInverse = new float[64];
        chromaInverse = new float[128];
        for (int k = 0; k < 64; k++) {
            lumaInverse[k] = inverse(LUMA_STEPS[k], scale);
            int[] row = k / 8 < CHROMA_STEPS.length ? CHROMA_STEPS[k / 8] : new int[0];
            chromaInverse[k] = inverse(k % 8 < row.length ? row[k % 8] : OTHER_CHROMA_STEP, scale);
            chromaInverse[64 + k] = chromaInverse[k];
        }
    }

    private static float inverse(int step, int scale) {
        return 1f / Math.max(1, Math.min(255, (step * scale + 50) / 100));
    }

    /**
     * Estimates sizes; differentiable.
     *
     * @param images float32 {@code [B, 3, H, W]} in 0..1, sides multiples of {@value #MULTIPLE}
     * @return float32 {@code [B]}, kB of 1000 bytes
     */
    NDArray kilobytes(NDArray images) {
        return Scope.of(() -> {
            NDArray y = scaled(luma.apply(images), lumaInverse);
            NDArray c = scaled(chroma.apply(images), chromaInverse);
            NDArray logarithms = logarithms(y, 1).add(logarithms(c, 2));
            double squares = squares(y) + 2 * squares(c);
            double constant = HEADER_BITS + BITS_PER_SQUARE * squares;
            return Kernels.shift(Kernels.scale(logarithms, BITS_PER_LOGARITHM / BITS_PER_KB), constant / BITS_PER_KB);
        });
    }

    private static double squares(NDArray coefficients) {
        return coefficients.getShape().get(2) * coefficients.getShape().get(3);
    }

    private static NDArray scaled(NDArray coefficients, float[] inverse) {
        NDArray steps = coefficients
                .getManager()
                .create(inverse, new Shape(1, inverse.length, 1, 1))
                .duplicate();
        return coefficients.mul(steps);
    }

    /** The sum of logarithms of each image, {@code [B]}, of {@code [B, 64 colours, h, w]}. */
    private static NDArray logarithms(NDArray coefficients, int colours) {
        Shape shape = coefficients.getShape();
        long squares = shape.get(2) * shape.get(3);
        NDArray sum = null;
        for (int colour = 0; colour < colours; colour++) {
            NDArray own =
                    slice(coefficients, 1, 64L * colour, 64L * (colour + 1)).reshape(-1, 64, squares);
            NDArray means = slice(own, 1, 0, 1);
            NDArray steps = slice(means, 2, 1, squares).sub(slice(means, 2, 0, squares - 1));
            NDArray bits = bits(slice(own, 1, 1, 64))
                    .sum(new int[] {1, 2})
                    .add(bits(steps).sum(new int[] {1, 2}));
            sum = sum == null ? bits : sum.add(bits);
        }
        return Objects.requireNonNull(sum);
    }

    private static NDArray slice(NDArray array, int axis, long from, long to) {
        return JniUtils.slice((PtNDArray) array, axis, from, to, 1);
    }

    private static NDArray bits(NDArray values) {
        NDArray size = Kernels.shift(values.mul(values), SOFTNESS * SOFTNESS).sqrt();
        return Kernels.scale(Kernels.shift(size, 1 - SOFTNESS).log(), 1 / NATS_PER_BIT);
    }
}
