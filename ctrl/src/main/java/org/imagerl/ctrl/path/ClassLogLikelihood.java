package org.imagerl.ctrl.path;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.imagerl.spi.Prompt;

/** The log-likelihood of the classes in an image's prompt, with a gradient. */
@FunctionalInterface
public interface ClassLogLikelihood {

    /**
     * Log-likelihoods, differentiable in the images.
     *
     * @param images float32 {@code [B, 3, H, W]} in 0..1
     * @param prompts one per image; the classes stand in their metadata
     * @return float32 {@code [B]}, log p(y | x) in nats, of several controls the sum, weighed if they have weights
     */
    NDArray logLikelihood(NDArray images, List<Prompt> prompts);
}
