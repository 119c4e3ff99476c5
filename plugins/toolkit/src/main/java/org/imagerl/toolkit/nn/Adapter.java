package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * A low-rank adapter on one layer: adds {@code scale up(down(x))}.
 *
 * @param down float32 {@code [r, in]} or {@code [r, in, kh, kw]}
 * @param up float32 {@code [out, r]} or {@code [out, r, 1, 1]}
 * @param scale alpha / r
 */
public record Adapter(NDArray down, NDArray up, double scale) {

    /**
     * Whether a training step takes fewer multiplications when the adapter is added to the weight first. Per row of the input that costs
     * the gradient of the weight, {@code out in}; a path of its own costs {@code r (in + out)}, three times (forward, both gradients). Depends on shapes
     * alone, so that rollout and update compute the same. Half-precision weights would round the adapter away.
     */
    boolean cheaperInWeight(NDArray weight) {
        long rank = down.getShape().get(0);
        long out = weight.getShape().get(0);
        long in = weight.size() / out;
        return weight.getDataType() == DataType.FLOAT32 && out * in <= 3 * rank * (in + out);
    }

    /** {@code weight + scale up down}, float32 in the weight's shape. */
    NDArray inWeight(NDArray weight) {
        return Kernels.loraWeight(weight, down, up, scale);
    }
}
