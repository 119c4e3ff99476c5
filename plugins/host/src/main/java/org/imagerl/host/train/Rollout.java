package org.imagerl.host.train;

import ai.djl.ndarray.NDManager;
import java.util.List;
import org.imagerl.host.score.RewardTable;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Trajectories;

/**
 * Sampled and scored pictures.
 *
 * @param manager owns the trajectories' tensors
 * @param trajectories what was passed through on the way
 * @param images the pictures
 * @param rewards their scores
 */
record Rollout(NDManager manager, Trajectories trajectories, List<RgbImage> images, RewardTable rewards)
        implements AutoCloseable {

    /** The group of each sample. */
    List<String> groups() {
        return trajectories.prompts().stream().map(Prompt::id).toList();
    }

    @Override
    public void close() {
        manager.close();
    }
}
