package org.imagerl.tests.recipe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.imagerl.spi.StepNoise;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Laplace's distribution with variance 1, so that its scale is {@code b = 1 / sqrt 2}: what a plugin writes to add a distribution. Its density is
 * {@code exp(-sqrt 2 |z|) / sqrt 2}.
 */
public final class LaplaceNoise implements StepNoise {
    private static final double ROOT = Math.sqrt(2);

    /** The quantiles of uniform numbers: {@code -sign(u) ln(1 - 2 |u|) / sqrt 2} with u in [-1/2, 1/2). */
    @Override
    public NDArray draw(NDManager manager, long seed, Shape shape) {
        NDArray u = Kernels.shift(Kernels.rand(manager, seed, shape), -0.5);
        NDArray tail = Kernels.clamp(Kernels.shift(Kernels.scale(u.abs(), -2), 1), Float.MIN_NORMAL, 1);
        return Kernels.scale(u.sign().mul(tail.log()), -1 / ROOT);
    }

    @Override
    public NDArray logDensity(NDArray next, NDArray mean, double std) {
        NDArray apart = next.sub(mean).abs();
        return Kernels.shift(Kernels.scale(Kernels.meanPerSample(apart), -ROOT / std), -Math.log(ROOT * std));
    }
}
