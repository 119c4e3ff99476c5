package org.imagerl.spi.reward;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.List;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;

/**
 * A reward of latents as they are sampled: the images need not be decoded for it. It scores each sample by itself ({@link Reward.Scope#POINTWISE}); a score
 * may differ in its last bits with the size of the batch.
 */
public interface LatentReward extends Reward {

    /**
     * Makes sure that it knows latents of a space.
     *
     * @throws org.imagerl.spi.UserException if it was made for others, naming both
     */
    void checkLatents(LatentSpace space);

    /**
     * Scores latents, recorded for differentiation in them if gradients are on. Its own weights have no gradients.
     *
     * @param latents float32 {@code [B, c, h, w]}, scaled as the denoiser makes them
     * @param prompts one per sample
     * @return float32 {@code [B]}
     */
    NDArray latentScores(NDArray latents, List<Prompt> prompts);

    /** Images without their latents have no score. */
    @Override
    default List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return Collections.nCopies(
                images.size(),
                Score.failed("this reward scores latents while a run samples them, and no images; score images with the"
                        + " reward that it learned from"));
    }
}
