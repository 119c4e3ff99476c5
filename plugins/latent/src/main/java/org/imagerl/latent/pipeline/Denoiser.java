package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import org.imagerl.toolkit.nn.ParameterStore;

/**
 * The network that removes noise from latents, with one interface for all families.
 *
 * @param network its weights
 * @param channels c, of the latents
 * @param patch height and width of latents must be multiples of this
 * @param maxSide the most elements along one side of a latent
 * @param sampleSize height and width of the latents it was trained on; empty if the checkpoint does not say
 * @param activationsPerPatch the fewest numbers that are in memory at once in a call, for each patch of one latent
 * @param modulationWidth as {@link org.imagerl.spi.Pipeline#modulationWidth}
 * @param loraTargets the paths of the layers that are adapted where a configuration names none, as patterns
 * @param forward the call
 */
public record Denoiser(
        ParameterStore network,
        int channels,
        int patch,
        int maxSide,
        List<Integer> sampleSize,
        long activationsPerPatch,
        int modulationWidth,
        List<String> loraTargets,
        Forward forward) {

    /** A call of the network. */
    @FunctionalInterface
    public interface Forward {
        /** As {@link org.imagerl.spi.Pipeline#denoise}: latents float32 {@code [B, c, h, w]} in and out. */
        NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning);

        /** As {@link org.imagerl.spi.Pipeline#paintsIn}. */
        default boolean paintsIn() {
            return false;
        }
    }

    /**
     * The fewest numbers that are in memory at once in a call for one latent.
     *
     * @param elements height times width of the latent
     */
    long activations(long elements) {
        return elements / ((long) patch * patch) * activationsPerPatch;
    }

    /** As {@link org.imagerl.spi.Pipeline#denoise}: latents float32 {@code [B, c, h, w]} in and out. */
    public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        return forward.denoise(latents, timesteps, conditioning);
    }
}
