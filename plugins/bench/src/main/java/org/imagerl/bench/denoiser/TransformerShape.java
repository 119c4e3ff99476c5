package org.imagerl.bench.denoiser;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.imagerl.flow.transformer.ConditioningInputs;
import org.imagerl.toolkit.tensor.Kernels;

/** What the published transformers have in common. */
interface TransformerShape extends DenoiserShape {
    /** Of a latent. */
    int CHANNELS = 16;

    /** Of a token of T5. */
    int TEXT_WIDTH = 4096;

    TransformerSizes sizes();

    @Override
    default Shape latents() {
        return new Shape(1, CHANNELS, sizes().latentSize(), sizes().latentSize());
    }

    @Override
    default double timestep() {
        return 500;
    }

    /** Tokens of a text, and what sums it up. */
    default Map<String, NDArray> text(NDManager manager, int pooledWidth) {
        return Map.of(
                ConditioningInputs.TEXT, Kernels.randn(manager, 5, new Shape(1, sizes().textTokens(), TEXT_WIDTH)),
                ConditioningInputs.POOLED, Kernels.randn(manager, 6, new Shape(1, pooledWidth)));
    }
}
