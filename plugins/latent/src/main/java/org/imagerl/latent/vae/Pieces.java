package org.imagerl.latent.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.UnaryOperator;
import org.imagerl.toolkit.tensor.Gradients;

/**
 * Whether an autoencoder works on a batch piece by piece, so that the activations of a piece are in memory at a time.
 *
 * @param slicing each image of a batch for itself, as diffusers' {@code enable_vae_slicing}: the same numbers but for rounding
 * @param tiling each image larger than those that the autoencoder was trained on in overlapping tiles, as diffusers' {@code
 *     enable_vae_tiling}: slightly other images, because a tile does not see beyond itself
 */
public record Pieces(boolean slicing, boolean tiling) {
    /** The whole batch at once. */
    public static final Pieces WHOLE = new Pieces(false, false);

    /** The network on a batch {@code [B, C, h, w]}, {@code [B, C', h', w']}. */
    NDArray apply(NDArray batch, Tiles tiles, boolean checkpointing, UnaryOperator<NDArray> network) {
        UnaryOperator<NDArray> one =
                x -> tiling && tiles.cut(x) ? tiles.apply(x, checkpointing, network) : network.apply(x);
        long images = batch.getShape().get(0);
        if (!slicing || images == 1) {
            return one.apply(batch);
        }
        return Gradients.scoped(checkpointing, () -> {
            NDArray all = one.apply(image(batch, 0));
            for (long i = 1; i < images; i++) {
                all = all.concat(one.apply(image(batch, i)), 0);
            }
            return all;
        });
    }

    private static NDArray image(NDArray batch, long i) {
        return JniUtils.slice((PtNDArray) batch, 0, i, i + 1, 1);
    }
}
