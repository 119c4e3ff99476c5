package org.imagerl.training.config;

import java.util.List;
import org.imagerl.config.Range;

/** Which steps of a trajectory are trained. */
public sealed interface TrainedSteps {

    /** All steps: {@code trained_steps: all}. */
    record All() implements TrainedSteps {}

    /**
     * A random choice for every sample by itself, anew in every pass over an epoch's samples: it does not depend on how an update is cut into
     * micro-batches.
     *
     * @param fraction of the steps that can be trained; their number is rounded down as in the published code of DDPO and DanceGRPO, and at least
     *     one
     */
    record Random(@Range(min = 0, above = true, max = 1) double fraction) implements TrainedSteps {}

    /**
     * Always the same.
     *
     * @param steps indices from 0, the step from pure noise
     */
    record Fixed(@Range(min = 0) List<Integer> steps) implements TrainedSteps {
        /** Refuses an empty or repeated choice. */
        public Fixed {
            if (steps.isEmpty() || steps.size() != steps.stream().distinct().count()) {
                throw new IllegalArgumentException("steps must be at least one, and each once");
            }
        }
    }
}
