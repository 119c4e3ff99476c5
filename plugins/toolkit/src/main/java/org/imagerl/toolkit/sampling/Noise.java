package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.imagerl.spi.StepNoise;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.GaussianNoise;
import org.imagerl.toolkit.tensor.Scope;

/** Noise, of every sample from its own seed. */
public final class Noise {
    private Noise() {}

    /** Standard normal numbers, float32 {@code [B, c, h, w]} for latents {@code [c, h, w]}; lives until its manager closes. */
    public static NDArray of(NDManager manager, long[] seeds, long... latentShape) {
        return of(manager, new GaussianNoise(), seeds, latentShape);
    }

    private static NDArray of(NDManager manager, StepNoise noise, long[] seeds, long... latentShape) {
        Shape shape = new Shape(1, latentShape[0], latentShape[1], latentShape[2]);
        NDArray all = Scope.of(() -> {
            NDList rows = new NDList();
            for (long seed : seeds) {
                rows.add(noise.draw(manager, seed, shape));
            }
            return NDArrays.concat(rows, 0);
        });
        return Scope.keep(all);
    }

    /** The noise that a step adds, float32 {@code [B, c, h, w]}, in standard deviations. */
    static NDArray ofStep(NDManager manager, StepNoise noise, int step, long[] seeds, long... latentShape) {
        long[] stepSeeds = new long[seeds.length];
        for (int i = 0; i < seeds.length; i++) {
            stepSeeds[i] = new RandomStreams(seeds[i]).seed("step noise", step);
        }
        return of(manager, noise, stepSeeds, latentShape);
    }
}
