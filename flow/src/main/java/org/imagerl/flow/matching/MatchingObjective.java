package org.imagerl.flow.matching;

import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;

/**
 * An objective on the denoiser's outputs for finished images with added noise: each pass draws new times and noises,
 * and the steps of the rollouts are not used.
 */
public interface MatchingObjective extends Objective {

    /** How images get their noise. */
    Draws draws();

    /** The number of the random stream of each sample: samples with one number get the same times and noises. */
    default int[] streams(Batch batch) {
        return batch.samples();
    }

    /** The loss of one pass on these noisy latents. */
    Loss loss(Policy policy, Batch batch, NoisedImages noised);

    @Override
    default Loss loss(Policy policy, Batch batch, int pass) {
        return loss(
                policy,
                batch,
                NoisedImages.draw(policy, batch, draws().times(), pass, draws().count(), streams(batch)));
    }

    @Override
    default int passes(Batch batch) {
        return draws().count();
    }

    @Override
    default void checkSteps(int steps) {
        draws().times().check(steps);
    }

    @Override
    default boolean trainsWithAnyGuidance() {
        return true;
    }
}
