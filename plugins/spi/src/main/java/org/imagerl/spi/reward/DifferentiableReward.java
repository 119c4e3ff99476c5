package org.imagerl.spi.reward;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;

/**
 * A reward with a gradient back to the images. It is a plain reward as well, which scores the bytes of images; the two may differ by what rounding to
 * bytes changes.
 */
public interface DifferentiableReward extends Reward {

    /**
     * Makes sure that it has a gradient as it is configured. By default it has.
     *
     * @throws org.imagerl.spi.UserException if it has none, with the reason
     */
    default void checkDifferentiable() {}

    /**
     * Scores images, recorded for differentiation in the images if gradients are on. Its own weights have no gradients. A score depends on no other image
     * of the batch.
     *
     * @param images float32 {@code [B, 3, H, W]} in 0..1, of the device that the reward was made for
     * @param prompts one per image
     * @return float32 {@code [B]}
     */
    NDArray scores(NDArray images, List<Prompt> prompts);
}
