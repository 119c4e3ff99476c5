package org.imagerl.ctrl.control;

import java.util.List;
import org.imagerl.spi.Prompt;

/**
 * The gammas that a model is trained with and told.
 *
 * @param trained ascending; empty for a model that is told none
 */
record Strengths(List<Double> trained) {

    /** Refuses what is no range. */
    Strengths {
        trained = trained.stream().sorted().distinct().toList();
        if (trained.size() == 1) {
            throw new IllegalArgumentException(
                    "strengths must be several, or none: a single one is the objective's gamma");
        }
        if (trained.stream().anyMatch(gamma -> !(gamma > 0 && Double.isFinite(gamma)))) {
            throw new IllegalArgumentException("strengths must be above 0");
        }
    }

    boolean told() {
        return !trained.isEmpty();
    }

    /** What the model is told: ln gamma, for classes 1 where nothing is asked. */
    double told(Prompt prompt) {
        return told() ? Math.log(Strength.of(prompt).orElse(1)) : 0;
    }
}
