package org.imagerl.latent.clip;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/**
 * What the text encoder makes of token ids.
 *
 * @param lastHiddenState {@code [B, L, E]}, after the final norm: what SD 1.x and SD 2.x are conditioned on
 * @param penultimateHiddenState {@code [B, L, E]}, what enters the last layer, without norm: what SDXL is conditioned on
 * @param pooled {@code [B, E]}, the last hidden state at each prompt's end
 * @param projected {@code [B, P]}, the pooled state projected; only of encoders with projection
 */
public record TextEncoding(
        NDArray lastHiddenState, NDArray penultimateHiddenState, NDArray pooled, Optional<NDArray> projected) {}
