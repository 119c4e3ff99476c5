package org.imagerl.flow.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterScope;

/**
 * Positions of patches as sines and cosines of row and column, in the middle of a table for the largest image: an image of another
 * size or shape takes the part around the table's centre (Esser et al., 2024, arXiv 2403.03206, section 5.3.2). Checkpoints hold
 * the table; it is not trained.
 */
final class PositionTable {
    private static final double MAX_PERIOD = 10000;

    private final int side;
    private final int width;
    private final Parameter table;

    PositionTable(ParameterScope place, Sd3Config config) {
        side = config.maxPatches();
        width = config.width();
        int patches = config.sampleSize() / config.patchSize();
        Shape shape = new Shape(1, (long) side * side, width);
        table = place.parameter("pos_embed", shape, new Parameter.Init.Table(() -> sinusoids(side, width, patches)));
    }

    /**
     * The positions of a grid of patches.
     *
     * @return {@code [1, rows columns, E]}
     */
    NDArray crop(long rows, long columns) {
        if (rows > side || columns > side) {
            throw new IllegalArgumentException(
                    rows + " x " + columns + " patches; the network has positions for " + side + " x " + side);
        }
        long top = (side - rows) / 2;
        long left = (side - columns) / 2;
        PtNDArray grid = (PtNDArray) table.value().reshape(side, side, width);
        PtNDArray band = JniUtils.slice(grid, 0, top, top + rows, 1);
        return JniUtils.slice(band, 1, left, left + columns, 1).reshape(1, rows * columns, width);
    }

    /**
     * Diffusers' {@code get_2d_sincos_pos_embed}: of each token a quarter of sines and a quarter of cosines of the column, then the same
     * of the row, in units of the image that the network is trained on.
     *
     * @param patches along one side of that image
     */
    static float[] sinusoids(int side, int width, int patches) {
        float[] values = new float[Math.multiplyExact(Math.multiplyExact(side, side), width)];
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                int token = (row * side + column) * width;
                put(values, token, width / 4, (double) column * patches / side);
                put(values, token + width / 2, width / 4, (double) row * patches / side);
            }
        }
        return values;
    }

    private static void put(float[] values, int at, int frequencies, double position) {
        for (int i = 0; i < frequencies; i++) {
            double phase = position * Math.pow(MAX_PERIOD, -(double) i / frequencies);
            values[at + i] = (float) Math.sin(phase);
            values[at + frequencies + i] = (float) Math.cos(phase);
        }
    }
}
