package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import org.imagerl.toolkit.nn.Network;

/** The network that removes noise from latents, the same to the outside in all families. */
public interface Denoiser {

    /** Its weights. */
    Network network();

    /** c, channels of the latents. */
    int channels();

    /** Height and width of latents must be multiples of this. */
    int patch();

    /** The most elements along one side of a latent. */
    int maxSide();

    /** Height and width of the latents it was trained on; empty if the checkpoint does not say. */
    List<Integer> sampleSize();

    /**
     * The fewest numbers that are in memory at once in a call for one latent.
     *
     * @param elements height times width of the latent
     */
    default long activations(long elements) {
        return elements * channels();
    }

    /** As {@link org.imagerl.spi.Pipeline#modulationWidth}. */
    default int modulationWidth() {
        return 0;
    }

    /** The paths of the layers that are adapted where a configuration names none, as patterns. */
    List<String> loraTargets();

    /** As {@link org.imagerl.spi.Pipeline#denoise}. */
    NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning);
}
