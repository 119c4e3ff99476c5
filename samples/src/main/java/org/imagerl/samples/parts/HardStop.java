package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.imagerl.spi.TrustRegion;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Leaves out the samples whose ratio is too far from 1, whatever their advantage. PPO's clip stops only those that would move on.
 *
 * @param distance of the ratio from 1 that is still allowed, above 0
 */
record HardStop(double distance) implements TrustRegion {
    HardStop {
        if (!(distance > 0)) {
            throw new IllegalArgumentException("distance must be above 0");
        }
    }

    @Override
    public Surrogate surrogate(Pass pass) {
        NDArray ratio = pass.logRatio().exp();
        NDArray fixed = ratio.stopGradient();
        NDArray above = fixed.gt(1 + distance).toType(ratio.getDataType(), false);
        NDArray below = fixed.lt(1 - distance).toType(ratio.getDataType(), false);
        NDArray inside = Kernels.shift(above.add(below).neg(), 1);
        NDArray loss = pass.advantages().neg().mul(ratio).mul(inside);
        return new Surrogate(loss, share(above) + share(below), share(above), share(below));
    }

    private static double share(NDArray ones) {
        return ones.toType(DataType.FLOAT64, false).mean().getDouble();
    }
}
