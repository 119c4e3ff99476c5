package org.imagerl.training.work;

import java.util.List;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Trajectories;

/** Sampled and scored images. Their trajectories stay where they were computed until this is closed. */
public interface Rollout extends AutoCloseable {

    /** What became of each sample: an image, or the reason why there is none; neither where latents are good and nobody asked for the image. */
    List<ImageOrReason> images();

    /** Their scores. */
    RewardTable rewards();

    /** The trajectories of all samples in this process, which an executor elsewhere has to fetch. */
    Trajectories trajectories();

    /** Whether a sample became an image, or would if it were decoded. */
    default boolean isImage(int sample) {
        return images().get(sample).reason().isEmpty();
    }

    /** Forgets the trajectories. */
    @Override
    void close();
}
