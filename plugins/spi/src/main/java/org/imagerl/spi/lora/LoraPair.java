package org.imagerl.spi.lora;

import ai.djl.ndarray.types.Shape;
import java.util.Optional;

/**
 * The adapter of one layer: {@code W + alpha / rank * up down}.
 *
 * @param down float32, row-major, not copied
 * @param downShape {@code [rank, in]} of a linear layer, {@code [rank, in, kh, kw]} of a convolution
 * @param up float32, row-major, not copied
 * @param upShape {@code [out, rank]} of a linear layer, {@code [out, rank, 1, 1]} of a convolution
 * @param alpha finite; the strength at which it was trained is alpha / rank
 */
public record LoraPair(float[] down, Shape downShape, float[] up, Shape upShape, double alpha) {

    /** Refuses matrices that do not fit together. */
    public LoraPair {
        problem(downShape, upShape).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        if (down.length != downShape.size() || up.length != upShape.size()) {
            throw new IllegalArgumentException(
                    down.length + " and " + up.length + " elements do not fill " + downShape + " and " + upShape);
        }
        if (!Double.isFinite(alpha)) {
            throw new IllegalArgumentException("alpha is " + alpha);
        }
    }

    /** What is wrong with two shapes as down and up matrix of one layer; empty if nothing is. */
    public static Optional<String> problem(Shape down, Shape up) {
        int dimensions = down.dimension();
        if (dimensions != up.dimension() || (dimensions != 2 && dimensions != 4)) {
            return Optional.of("expected two matrices or two convolutions, found down " + down + " and up " + up);
        }
        if (down.get(0) < 1 || down.get(0) != up.get(1)) {
            return Optional.of(
                    "the rank must be the first dimension of down and the second of up, found " + down + " and " + up);
        }
        if (dimensions == 4 && (up.get(2) != 1 || up.get(3) != 1)) {
            return Optional.of("the up convolution must be 1 x 1, found " + up);
        }
        return Optional.empty();
    }

    /** The inner dimension. */
    public int rank() {
        return Math.toIntExact(downShape.get(0));
    }

    /** The factor of the product of the matrices: alpha / rank. */
    public double scale() {
        return alpha / rank();
    }

    /** The shape of the weight that this adapts: {@code [out, in]} or {@code [out, in, kh, kw]}. */
    public Shape weightShape() {
        long[] shape = downShape.getShape().clone();
        shape[0] = upShape.get(0);
        return new Shape(shape);
    }

    /** The same numbers as a matrix pair, of a 1 x 1 convolution; or as a 1 x 1 convolution pair, of matrices. */
    public LoraPair reshaped(int dimensions) {
        return new LoraPair(down, resized(downShape, dimensions), up, resized(upShape, dimensions), alpha);
    }

    private static Shape resized(Shape shape, int dimensions) {
        return dimensions == 2 ? new Shape(shape.get(0), shape.get(1)) : new Shape(shape.get(0), shape.get(1), 1, 1);
    }
}
