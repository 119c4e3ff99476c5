package org.imagerl.toolkit.path;

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

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
