package org.imagerl.latent.clip;

import ai.djl.ndarray.NDArray;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Kernels;

/** Transformers' {@code CLIPMLP} and {@code SiglipMLP}: two linear layers with an activation between. */
final class FeedForward {
    private final Linear widened;
    private final Linear narrowed;
    private final EncoderShape shape;

    FeedForward(ParameterScope place, EncoderShape shape) {
        widened = place.at("fc1").linear(shape.width(), shape.intermediateSize());
        narrowed = place.at("fc2").linear(shape.intermediateSize(), shape.width());
        this.shape = shape;
    }

    /** {@code [B, L, E]} to the same. */
    NDArray apply(NDArray x) {
        NDArray wide = widened.apply(x);
        return narrowed.apply(
                switch (shape.activation()) {
                    case QUICK_GELU -> Kernels.quickGelu(wide);
                    case GELU -> Kernels.gelu(wide);
                    case GELU_TANH -> Kernels.geluTanh(wide);
                });
    }
}
