package org.imagerl.latent.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.UnaryOperator;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.toolkit.tensor.Scope;

/**
 * A VAE that works on a batch piece by piece, so that only the activations of one piece are in memory at a time.
 *
 * @param whole works on a piece
 * @param slicing whether each image of a batch is a piece, as diffusers' {@code enable_vae_slicing}: the same numbers
 *     but for rounding
 * @param tile side of tiles in pixels into which larger images are cut, as diffusers' {@code enable_vae_tiling}:
 *     slightly other images, because a tile does not see beyond itself; 0 is none
 * @param downscale pixels of an image per element of a latent, along a side
 */
public record PiecewiseVae(Vae whole, boolean slicing, int tile, int downscale) implements Vae {
    /** Pixels, of a file that does not say: diffusers' default. */
    private static final int SAMPLE_SIZE = 32;

    /** The VAE as it is, or in pieces; tiles are as large as the images that it was trained on. */
    public static Vae of(Vae whole, VaeConfig config, boolean slicing, boolean tiling) {
        if (!slicing && !tiling) {
            return whole;
        }
        int trained = config.sampleSize().isEmpty()
                ? SAMPLE_SIZE
                : config.sampleSize().get(0);
        int downscale = config.downscale();
        int tile = tiling ? Math.max(1, trained / downscale) * downscale : 0;
        return new PiecewiseVae(whole, slicing, tile, downscale);
    }

    @Override
    public NDArray moments(NDArray image) {
        return apply(image, new Tiles(tile, tile / downscale), whole::moments);
    }

    @Override
    public NDArray decode(NDArray latent) {
        return apply(latent, new Tiles(tile / downscale, tile), whole::decode);
    }

    @Override
    public NDArray toDenoiser(NDArray latent) {
        return whole.toDenoiser(latent);
    }

    @Override
    public NDArray fromDenoiser(NDArray latent) {
        return whole.fromDenoiser(latent);
    }

    @Override
    public long pixelsAtOnce(int width, int height) {
        return tile == 0 ? whole.pixelsAtOnce(width, height) : (long) Math.min(width, tile) * Math.min(height, tile);
    }

    /** A network on a batch {@code [B, C, h, w]}, {@code [B, C', h', w']}. */
    private NDArray apply(NDArray batch, Tiles tiles, UnaryOperator<NDArray> network) {
        UnaryOperator<NDArray> one = x -> tile > 0 && tiles.cut(x) ? tiles.apply(x, network) : network.apply(x);
        long images = batch.getShape().get(0);
        if (!slicing || images == 1) {
            return one.apply(batch);
        }
        return Scope.of(() -> {
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
