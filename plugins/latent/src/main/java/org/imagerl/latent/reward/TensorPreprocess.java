package org.imagerl.latent.reward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.imagerl.hub.preprocess.Preprocess;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * A model's preprocessing of images that are tensors. Resizing, cropping and padding are linear along rows and along columns, so that each is a product with
 * a matrix, and differentiable. Where it is rounded, images are made bytes as for a plain reward, and Pillow's rounding after resizing rows and again after
 * columns is repeated: then it is {@link Preprocess}, and the gradient passes by as if nothing had been rounded (the straight-through estimator: Bengio,
 * L&eacute;onard, Courville, Estimating or Propagating Gradients Through Stochastic Neurons for Conditional Computation, 2013, arXiv 1308.3432).
 */
final class TensorPreprocess {
    private static final double LEVELS = 255;

    private final Preprocess preprocess;
    private final boolean rounded;

    /**
     * @param rounded whether values are rounded to bytes
     * @throws UserException if the model takes blue first, which no model of this kind does
     */
    TensorPreprocess(Preprocess preprocess, boolean rounded) {
        if (preprocess.channelOrder() != Preprocess.ChannelOrder.RGB) {
            throw UserException.input(
                    "preprocess: do_flip_channel_order is not supported for a reward with a gradient");
        }
        this.preprocess = preprocess;
        this.rounded = rounded;
    }

    /**
     * Preprocesses images of one size; differentiable.
     *
     * @param images float32 {@code [B, 3, H, W]} in 0..1
     * @return float32 {@code [B, 3, h, w]}, normalised
     */
    NDArray apply(NDArray images) {
        int height = (int) images.getShape().get(2);
        int width = (int) images.getShape().get(3);
        return Scope.of(() -> {
            NDManager manager = images.getManager();
            float[] across = matrix(preprocess.horizontal(width, height), width, true);
            float[] down = matrix(preprocess.vertical(width, height), height, false);
            NDArray wide = bytes(images).matMul(constant(manager, across, new Shape(width, across.length / width)));
            NDArray rows = constant(manager, down, new Shape(down.length / height, height));
            return normalised(clipped(rows.matMul(clipped(wide))));
        });
    }

    /** As Pillow leaves pixels after resizing. */
    private NDArray clipped(NDArray pixels) {
        return preprocess.precision() == Preprocess.Precision.UINT8 && preprocess.resize() != Preprocess.Resize.NONE
                ? bytes(Kernels.clamp(pixels, 0, 1))
                : pixels;
    }

    /** Rounded to multiples of 1/255, with the gradient of what is not. */
    private NDArray bytes(NDArray pixels) {
        if (!rounded) {
            return pixels;
        }
        NDArray constant = pixels.stopGradient();
        NDArray nearest = Kernels.scale(Kernels.scale(constant, LEVELS).round(), 1 / LEVELS);
        return pixels.add(nearest.sub(constant));
    }

    private NDArray normalised(NDArray pixels) {
        float[] scale = new float[3];
        float[] offset = new float[3];
        for (int c = 0; c < 3; c++) {
            scale[c] = (float) (LEVELS * preprocess.rescale() / preprocess.std()[c]);
            offset[c] = (float) ((preprocess.rescaleOffset() - preprocess.mean()[c])
                    / preprocess.std()[c]);
        }
        Shape perChannel = new Shape(1, 3, 1, 1);
        NDManager manager = pixels.getManager();
        return pixels.mul(constant(manager, scale, perChannel)).add(constant(manager, offset, perChannel));
    }

    /** What happens to one side: a row of weights for each pixel that comes out, or the same transposed. */
    private float[] matrix(Preprocess.Side side, int from, boolean transposed) {
        double[][] resized = preprocess.filter().matrix(from, side.resized());
        float[] matrix = new float[side.length() * from];
        for (int y = Math.max(0, -side.first()); y < side.length() && y + side.first() < side.resized(); y++) {
            for (int x = 0; x < from; x++) {
                matrix[transposed ? x * side.length() + y : y * from + x] = (float) resized[y + side.first()][x];
            }
        }
        return matrix;
    }

    private static NDArray constant(NDManager manager, float[] values, Shape shape) {
        return manager.create(values, shape).duplicate();
    }
}
