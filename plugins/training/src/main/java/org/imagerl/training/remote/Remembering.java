package org.imagerl.training.remote;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.LatentReward;
import org.imagerl.training.loop.OpenRun;

/**
 * Finds parts that remember what they have computed. They cannot be computed in another process, because their memory
 * would have to be sent back.
 */
public final class Remembering {
    /** Parts that compute where gradients are computed. */
    private static final Set<String> COMPUTING = Set.of(
            "algorithm.objective",
            "algorithm.likelihood",
            "algorithm.ratio",
            "algorithm.trust_region",
            "algorithm.step_weight",
            "algorithm.penalty",
            "algorithm.proximal");

    private Remembering() {}

    /** The names of such parts. */
    public static Stream<String> parts(OpenRun run) {
        return run.parts().stateful().keySet().stream().filter(COMPUTING::contains);
    }

    /** The names of such rewards. */
    static Stream<String> rewards(OpenRun run) {
        return run.rewards().entries().stream()
                .filter(entry -> entry.reward() instanceof Stateful)
                .map(entry -> "the reward " + entry.name());
    }

    /** The names of such rewards of latents, which are computed where samples are. */
    public static Stream<String> latentRewards(OpenRun run) {
        return run.rewards().entries().stream()
                .filter(entry -> entry.reward() instanceof Stateful && entry.reward() instanceof LatentReward)
                .map(entry -> "the reward " + entry.name());
    }

    /** @throws UserException if there are any */
    public static void refuse(Stream<String> names) {
        List<String> remembering = names.toList();
        if (!remembering.isEmpty()) {
            throw UserException.input(String.join(", ", remembering)
                    + " remembers what it has computed, which an executor elsewhere would keep to itself: train with"
                    + " the threads of this process");
        }
    }
}
