package org.imagerl.training.loop;

import ai.djl.ndarray.NDManager;
import java.util.List;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;

/**
 * Sampled and scored images.
 *
 * @param manager owns the trajectories' tensors
 * @param trajectories what was passed through on the way
 * @param images what became of each sample: an image, or the reason why there is none
 * @param rewards their scores
 */
record Rollout(NDManager manager, Trajectories trajectories, List<ImageOrReason> images, RewardTable rewards)
        implements AutoCloseable {

    /** The group of each sample. */
    List<String> groups() {
        return trajectories.prompts().stream().map(Prompt::id).toList();
    }

    /** Whether a sample became an image. */
    boolean isImage(int sample) {
        return images.get(sample).image() != null;
    }

    @Override
    public void close() {
        manager.close();
    }
}
