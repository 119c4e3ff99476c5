package org.imagerl.toolkit.path;

import ai.djl.ndarray.NDArray;
import java.util.List;
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
}
