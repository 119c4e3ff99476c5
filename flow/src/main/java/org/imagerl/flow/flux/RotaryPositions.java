package org.imagerl.flow.flux;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Angles by which queries and keys are turned (Su et al., RoFormer, 2021, arXiv 2104.09864, eq. 15): each coordinate of a position
 * turns its share of the pairs of a head, with frequencies {@code 10000^(-2 i / width)}.
 *
 * @param widths how many numbers of a head belong to each coordinate
 */
record RotaryPositions(List<Integer> widths) {
    private static final double MAX_PERIOD = 10000;

    /**
     * Cosines and sines. Computed in double. Differentiable.
     *
     * @param places floating point {@code [L, coordinates]}
     * @return float32 {@code [2, L, d/2]} for heads of d numbers
     */
    NDArray table(NDArray places) {
        NDArray wide = Kernels.cast(places, DataType.FLOAT64);
        NDArray angles = angles(wide, 0);
        for (int axis = 1; axis < widths.size(); axis++) {
            angles = angles.concat(angles(wide, axis), 1);
        }
        return Kernels.cast(angles.cos().stack(angles.sin()), DataType.FLOAT32);
    }

    private NDArray angles(NDArray places, int axis) {
        int width = widths.get(axis);
        double[] frequencies = new double[width / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(MAX_PERIOD, -2.0 * i / width);
        }
        // A copy, because a recorded graph must not hold memory of the Java heap.
        NDArray row = places.getManager().create(frequencies).duplicate();
        return JniUtils.slice((PtNDArray) places, 1, axis, axis + 1, 1).mul(row);
    }
}
