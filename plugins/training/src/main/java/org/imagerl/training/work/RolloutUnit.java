package org.imagerl.training.work;

import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.toolkit.sampling.Seeds;

/**
 * One batch of samples. Everything follows from it and the weights, so that it can be computed again.
 *
 * @param sampling how they are made, the same for all units of a rollout
 * @param prompts one per sample
 * @param seeds one per sample
 * @param images on disk that take the place of samples, one per prompt; empty where the policy samples
 */
public record RolloutUnit(Sampling sampling, List<Prompt> prompts, Seeds seeds, List<StoredImage> images) {

    /** The same samples, made another way. */
    public RolloutUnit by(Sampling other) {
        return new RolloutUnit(other, prompts, seeds, images);
    }
}
