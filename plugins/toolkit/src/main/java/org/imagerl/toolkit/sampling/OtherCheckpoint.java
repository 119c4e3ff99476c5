package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.jspecify.annotations.Nullable;

/**
 * Another checkpoint that is asked about the states of samples, with the conditioning of its own text encoders, which is computed once for a batch. One thread
 * asks at a time.
 */
final class OtherCheckpoint {
    private final GuidedPolicy policy;
    private List<Prompt> prompts = List.of();
    private @Nullable Conditioning conditioning;

    /** @param policy of the other checkpoint, whose manager owns the conditioning of the last batch */
    OtherCheckpoint(GuidedPolicy policy) {
        this.policy = policy;
    }

    /** As {@link GuidedPolicy#output(NDArray, double[], Trajectories)}, for the same prompts. */
    NDArray output(NDArray latents, double[] timesteps, Trajectories batch) {
        return policy.output(
                latents,
                timesteps,
                Hinted.led(batch, conditioning(batch.prompts()).completedBy(batch.conditioning())));
    }

    private Conditioning conditioning(List<Prompt> asked) {
        Conditioning known = conditioning;
        if (known != null && prompts.equals(asked)) {
            return known;
        }
        if (known != null) {
            Stream.of(known.positive(), known.negative())
                    .forEach(each -> each.values().forEach(NDArray::close));
        }
        Conditioning made = policy.encodeOwned(asked);
        prompts = List.copyOf(asked);
        conditioning = made;
        return made;
    }
}
