package org.imagerl.toolkit.path;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.UnaryOperator;
import org.imagerl.spi.Prompt;

/** A number for each image that has a gradient. */
@FunctionalInterface
public interface DifferentiableScore {

    /**
     * Scores, differentiable in the images.
     *
     * @param images float32 {@code [B, 3, H, W]} in 0..1
     * @param prompts one per image
     * @return float32 {@code [B]}
     */
    NDArray of(NDArray images, List<Prompt> prompts);

    /**
     * Scores latents, differentiable in them: those of the images that they are decoded to, unless this is a score of latents.
     *
     * @param latents float32 {@code [B, c, h, w]}
     * @param decode to images
     * @param prompts one per sample
     * @return float32 {@code [B]}
     */
    default NDArray ofLatents(NDArray latents, UnaryOperator<NDArray> decode, List<Prompt> prompts) {
        return of(decode.apply(latents), prompts);
    }
}
