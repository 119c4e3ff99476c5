package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.imagerl.spi.StepNoise;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.tensor.Kernels;

/** Standard normal noise: the steps of every published algorithm. */
public final class GaussianNoise implements StepNoise {
    private static final StepNoise USUAL = new GaussianNoise();

    /** The noise of a kernel's steps. */
    public static StepNoise of(TransitionKernel kernel) {
        StepNoise own = kernel.noise();
        return own == null ? USUAL : own;
    }

    @Override
    public boolean isGaussian() {
        return true;
    }

    @Override
    public NDArray draw(NDManager manager, long seed, Shape shape) {
        return Kernels.randn(manager, seed, shape);
    }

    @Override
    public NDArray logDensity(NDArray next, NDArray mean, double std) {
        return TransitionLikelihood.logDensity(next, mean, std);
    }
}
