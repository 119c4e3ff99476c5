package org.imagerl.latent.time;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Numbers as sines and cosines of geometrically falling frequencies {@code 10000^(-i / (width/2 - freqShift))} (Vaswani et al.,
 * Attention Is All You Need, 2017, arXiv 1706.03762, section 3.5, with the halves side by side instead of interleaved).
 *
 * @param width how many numbers stand for one
 * @param flipSinToCos the cosines come first
 * @param freqShift see above
 */
public record Sinusoid(int width, boolean flipSinToCos, int freqShift) {
    private static final double MAX_PERIOD = 10000;

    /**
     * Computed in double, where a timestep of 999 loses nothing. Differentiable.
     *
     * @param values {@code [N]}
     * @return float32 {@code [N, width]}
     */
    public NDArray apply(NDArray values) {
        NDArray column = Kernels.cast(values, DataType.FLOAT64).reshape(-1, 1);
        NDArray phase = column.mul(frequencies(values));
        NDArray halves =
                flipSinToCos ? phase.cos().concat(phase.sin(), 1) : phase.sin().concat(phase.cos(), 1);
        return Kernels.cast(width % 2 == 0 ? halves : halves.pad(new Shape(0, 1), 0), DataType.FLOAT32);
    }

    private NDArray frequencies(NDArray neighbour) {
        double[] frequencies = new double[width / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.exp(-Math.log(MAX_PERIOD) * i / (width / 2 - freqShift));
        }
        // A copy, because a recorded graph must not hold memory of the Java heap.
        return neighbour.getManager().create(frequencies).duplicate();
    }
}
