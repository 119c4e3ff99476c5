package org.imagerl.toolkit.path;

import java.util.stream.IntStream;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;

/**
 * Which part of a path is differentiated.
 *
 * @param truncation the calls of the denoiser through which gradients flow
 * @param end which images are scored
 * @param stopInputs whether the denoiser's input is a constant in every call: then a call has a gradient for the
 *     weights, and what came before it gets one through the linear part of the step alone, as if it were truncated
 *     (DRTune)
 * @param divergence factor of the path KL to the reference weights, in nats; 0 is none, and calls no reference
 */
public record PathSettings(Truncation truncation, PathEnd end, boolean stopInputs, double divergence) {
    /** Refuses what has no meaning together. */
    public PathSettings {
        if (!(divergence >= 0) || !Double.isFinite(divergence)) {
            throw new IllegalArgumentException("divergence must be at least 0, not " + divergence);
        }
        if (end instanceof PathEnd.Renoised) {
            require(
                    truncation instanceof Truncation.Last last && last.steps() == 1,
                    "images that are made noisy again have the last step alone: truncation must be {type: last, steps:"
                            + " 1} with end renoised");
            require(divergence == 0, "images that are made noisy again are on no path: divergence must be 0");
        }
    }

    /**
     * Makes sure that each of the images that can be scored has a step that is trained.
     *
     * @param rollouts the steps of an epoch's rollouts
     * @throws UserException if not, with the reason
     */
    public void check(TransitionKernel rollouts) {
        int steps = rollouts.steps();
        if (IntStream.range(0, steps).noneMatch(step -> isTrained(rollouts, step))) {
            throw UserException.input(
                    "algorithm.objective: no step of the rollouts adds noise, so that paths have no divergence; make the"
                            + " dynamics stochastic (ddim: eta above 0; flow-sde: noise_level above 0)");
        }
        int fewest =
                end instanceof PathEnd.Predicted predicted ? steps - Math.min(steps, predicted.steps()) + 1 : steps;
        for (int calls = fewest; calls <= steps; calls++) {
            int all = calls;
            if (IntStream.range(0, all)
                    .noneMatch(step -> isTrained(rollouts, step) && truncation.probability(step, all) > 0)) {
                throw UserException.input(
                        "algorithm.objective.truncation: keeps only steps that add no noise, which are not trained where"
                                + " divergence is above 0; raise truncation.steps (the last step of flow-sde adds none"
                                + " unless noisy_last_step is true), or use another window");
            }
        }
    }

    /** Whether a step has a gradient if it is not truncated: one without noise has no divergence that is finite. */
    boolean isTrained(TransitionKernel kernel, int step) {
        return divergence == 0 || kernel.std(step) > 0;
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
