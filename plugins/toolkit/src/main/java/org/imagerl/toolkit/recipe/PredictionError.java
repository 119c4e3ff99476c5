package org.imagerl.toolkit.recipe;

import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.UserException;

/** In which form the error of a denoiser is measured. For flow-matching models the two are the same. */
public enum PredictionError {
    /**
     * As an error of the flow velocity eps - x0, whatever the network predicts: one objective for all families. An error of predicted noise counts
     * 1 / (1 - t)^2 times, t = sigma / (alpha + sigma).
     */
    VELOCITY,
    /** As the network predicts it and was trained for: noise, v or the clean latent. */
    OUTPUT;

    /**
     * The factor on a squared error of the output.
     *
     * @throws UserException where the output says nothing of the velocity
     */
    public double weight(AlphaSigma noising) {
        if (this == OUTPUT) {
            return 1;
        }
        double factor = noising.velocityPerOutput();
        if (!Double.isFinite(factor)) {
            throw UserException.input(
                    "a velocity does not follow from what this model predicts at pure noise: set error: output,"
                            + " or leave that time out");
        }
        return factor * factor;
    }
}
