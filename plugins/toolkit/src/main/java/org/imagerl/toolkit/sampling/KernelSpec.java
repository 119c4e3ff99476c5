package org.imagerl.toolkit.sampling;

import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.jspecify.annotations.Nullable;

/**
 * Describes the transition kernels from noise to a latent by names and numbers alone: any process that has the
 * checkpoint and the plugins makes the same {@link TransitionKernel} from it.
 *
 * @param dynamics the part with all its settings, one JSON object, as {@link org.imagerl.spi.PartCodec#write} gives it
 * @param width of the images in pixels: the schedule of some checkpoints depends on the size
 * @param height of the images in pixels
 * @param steps number of denoiser calls
 * @param drawn what the noisy steps of an epoch follow from; null for the dynamics as they are without an epoch
 */
public record KernelSpec(
        String dynamics,
        int width,
        int height,
        int steps,
        @Nullable Drawn drawn) {

    /**
     * One epoch.
     *
     * @param epoch from 0
     * @param seed of its random stream
     */
    public record Drawn(long epoch, long seed) {}

    /**
     * The kernels.
     *
     * @param made the part that {@link #dynamics} names
     * @param schedule of the checkpoint for images of this size
     */
    public TransitionKernel kernel(Dynamics made, Schedule schedule) {
        return drawn == null ? made.kernel(schedule, steps) : made.kernel(schedule, steps, drawn.epoch(), drawn.seed());
    }
}
