package org.imagerl.latent.clip;

import org.imagerl.latent.checkpoint.ClipTextConfig;
import org.imagerl.latent.checkpoint.ClipTextConfig.Activation;

/**
 * What the layers of a transformer of the CLIP kind have in common.
 *
 * @param width of the residual stream
 * @param intermediateSize width inside the feed-forward layers
 * @param heads attention heads, a divisor of {@code width}
 * @param activation of the feed-forward layers
 * @param layerNormEps epsilon of every layer norm
 * @param causal whether a position sees only those up to itself
 */
record EncoderShape(
        int width, int intermediateSize, int heads, Activation activation, double layerNormEps, boolean causal) {

    static EncoderShape of(ClipTextConfig config) {
        return new EncoderShape(
                config.hiddenSize(),
                config.intermediateSize(),
                config.heads(),
                config.activation(),
                config.layerNormEps(),
                true);
    }
}
