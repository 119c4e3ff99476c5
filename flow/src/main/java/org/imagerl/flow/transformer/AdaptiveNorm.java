package org.imagerl.flow.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Adaptive layer norms (Peebles, Xie, Scalable Diffusion Models with Transformers, 2022, arXiv 2212.09748, section 3.2): scales,
 * shifts and gates of a block are linear in the embedding of time and pooled text.
 */
public final class AdaptiveNorm {
    private static final double EPS = 1e-6;

    private final Linear linear;
    private final int width;
    private final int vectors;

    /**
     * Declares the layer {@code linear}.
     *
     * @param width E
     * @param vectors how many scales, shifts and gates there are
     */
    public AdaptiveNorm(ParameterScope place, int width, int vectors) {
        linear = place.at("linear").linear(width, vectors * width);
        this.width = width;
        this.vectors = vectors;
    }

    /**
     * The scales, shifts and gates, in the order of the checkpoint format.
     *
     * @param embedding {@code [B, E]}, see {@link TimeTextEmbedding}
     * @return each {@code [B, E]}
     */
    public NDArray[] vectors(NDArray embedding) {
        PtNDArray all = (PtNDArray) linear.apply(embedding);
        NDArray[] parts = new NDArray[vectors];
        for (int i = 0; i < vectors; i++) {
            parts[i] = JniUtils.slice(all, 1, (long) i * width, (i + 1L) * width, 1);
        }
        return parts;
    }

    /** {@code [B, L, E]}, normalised, times 1 + scale, plus shift. */
    public static NDArray modulate(NDArray x, NDArray shift, NDArray scale) {
        return Kernels.modulatedNorm(x, scale, shift, EPS);
    }
}
