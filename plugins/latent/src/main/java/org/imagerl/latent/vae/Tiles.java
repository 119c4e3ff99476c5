package org.imagerl.latent.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Overlapping square tiles of images or latents, and how a network's outputs for them are put together: the rules of
 * diffusers' {@code AutoencoderKL.tiled_decode}. Neighbours share a quarter of a tile, over which one fades into the
 * other in proportion to the place.
 *
 * @param in side of a tile of what goes in
 * @param out side of what the network makes of it
 */
record Tiles(int in, int out) {
    private static final double OVERLAP = 0.25;
    private static final int DOWN = 2;
    private static final int RIGHT = 3;

    /** Whether something is larger than a tile. */
    boolean cut(NDArray x) {
        return x.getShape().get(DOWN) > in || x.getShape().get(RIGHT) > in;
    }

    /** The network on {@code [B, C, h, w]}, tile by tile: {@code [B, C', h', w']}. */
    NDArray apply(NDArray x, UnaryOperator<NDArray> network) {
        return Scope.of(() -> {
            List<NDArray> above = List.of();
            List<NDArray> rows = new ArrayList<>();
            for (long top = 0; top < x.getShape().get(DOWN); top += step()) {
                List<NDArray> tiles = row(x, top, above, network);
                rows.add(concat(tiles.stream().map(this::kept).toList(), RIGHT));
                above = tiles;
            }
            return concat(rows, DOWN);
        });
    }

    private int step() {
        return Math.max(1, (int) (in * (1 - OVERLAP)));
    }

    private int fade() {
        return (int) (out * OVERLAP);
    }

    /** A row of tiles, each faded over from the one above and then from the one before. */
    private List<NDArray> row(NDArray x, long top, List<NDArray> above, UnaryOperator<NDArray> network) {
        NDArray band = slice(x, DOWN, top, top + in);
        List<NDArray> tiles = new ArrayList<>();
        for (long left = 0; left < x.getShape().get(RIGHT); left += step()) {
            NDArray part = slice(band, RIGHT, left, left + in);
            NDArray tile = Scope.of(() -> network.apply(part));
            int column = tiles.size();
            if (!above.isEmpty()) {
                tile = faded(above.get(column), tile, DOWN);
            }
            tiles.add(column == 0 ? tile : faded(tiles.get(column - 1), tile, RIGHT));
        }
        return tiles;
    }

    /** The part of a tile that later tiles do not cover. */
    private NDArray kept(NDArray tile) {
        int size = out - fade();
        return slice(slice(tile, DOWN, 0, size), RIGHT, 0, size);
    }

    /** A tile whose beginning is mixed with the end of the tile before it. */
    private NDArray faded(NDArray before, NDArray tile, int dimension) {
        long end = before.getShape().get(dimension);
        long size = tile.getShape().get(dimension);
        int extent = (int) Math.min(Math.min(end, size), fade());
        if (extent == 0) {
            return tile;
        }
        NDArray leaving = slice(before, dimension, end - extent, end).mul(ramp(tile, extent, dimension, false));
        NDArray coming = slice(tile, dimension, 0, extent).mul(ramp(tile, extent, dimension, true));
        return leaving.add(coming).concat(slice(tile, dimension, extent, size), dimension);
    }

    /** {@code i / extent}, or one minus that, along a dimension. */
    private static NDArray ramp(NDArray neighbour, int extent, int dimension, boolean rising) {
        float[] weights = new float[extent];
        for (int i = 0; i < extent; i++) {
            weights[i] = rising ? (float) i / extent : 1 - (float) i / extent;
        }
        Shape shape = dimension == DOWN ? new Shape(1, 1, extent, 1) : new Shape(1, 1, 1, extent);
        // A copy, because a recorded graph must not hold memory of the Java heap.
        return neighbour.getManager().create(weights, shape).duplicate();
    }

    private static NDArray concat(List<NDArray> parts, int dimension) {
        return parts.stream().reduce((a, b) -> a.concat(b, dimension)).orElseThrow();
    }

    private static NDArray slice(NDArray x, int dimension, long from, long to) {
        return JniUtils.slice(
                (PtNDArray) x, dimension, from, Math.min(to, x.getShape().get(dimension)), 1);
    }
}
