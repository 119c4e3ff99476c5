package org.imagerl.flow.transformer;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;

/** From the last state of the image's tokens to patches: an adaptive norm and a linear layer. */
public final class FinalLayer {
    private final AdaptiveNorm norm;
    private final Linear linear;

    /**
     * Declares {@code norm_out} and {@code proj_out}.
     *
     * @param width E
     * @param out numbers of a patch
     */
    public FinalLayer(ParameterScope root, int width, int out) {
        norm = new AdaptiveNorm(root.at("norm_out"), width, 2);
        linear = root.at("proj_out").linear(width, out);
    }

    /** {@code [B, n, E]} and the embedding {@code [B, E]} to {@code [B, n, out]}. */
    public NDArray apply(NDArray x, NDArray embedding) {
        // Here, and where the text ends, the scale comes before the shift.
        NDArray[] vectors = norm.vectors(embedding);
        return linear.apply(AdaptiveNorm.modulate(x, vectors[1], vectors[0]));
    }
}
