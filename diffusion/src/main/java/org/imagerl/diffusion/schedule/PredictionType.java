package org.imagerl.diffusion.schedule;

import java.util.Locale;
import org.imagerl.spi.UserException;

/** What the output o of a denoiser means, and so how the clean latent x0 and the noise eps follow from x and o. */
public enum PredictionType {
    /** o = eps. */
    EPSILON,
    /** o = alpha eps - sigma x0 (T. Salimans and J. Ho, "Progressive Distillation", 2022, arXiv 2202.00512). */
    V_PREDICTION,
    /** o = x0. */
    SAMPLE;

    /**
     * {@code x0 = x0FromSample x + x0FromOutput o} and {@code eps = epsFromSample x + epsFromOutput o}.
     *
     * @param x0FromSample factor of x in x0
     * @param x0FromOutput factor of o in x0
     * @param epsFromSample factor of x in eps
     * @param epsFromOutput factor of o in eps
     */
    public record Coefficients(double x0FromSample, double x0FromOutput, double epsFromSample, double epsFromOutput) {}

    /** The name in {@code scheduler_config.json}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The coefficients at one noise level.
     *
     * @param level of x
     * @throws UserException where x0 does not follow: noise predicted from pure noise
     */
    public Coefficients at(NoiseLevel level) {
        double alpha = level.alpha();
        double sigma = level.sigma();
        return switch (this) {
            case EPSILON -> {
                requireSignal(alpha);
                yield new Coefficients(1 / alpha, -sigma / alpha, 0, 1);
            }
            case V_PREDICTION -> new Coefficients(alpha, -sigma, sigma, alpha);
            case SAMPLE -> new Coefficients(0, 1, 1 / sigma, -alpha / sigma);
        };
    }

    /** The output that a perfect denoiser would have, the target of pretraining: {@code onX0 x0 + onEps eps}. */
    public Target target(NoiseLevel level) {
        return switch (this) {
            case EPSILON -> new Target(0, 1);
            case V_PREDICTION -> new Target(-level.sigma(), level.alpha());
            case SAMPLE -> new Target(1, 0);
        };
    }

    /**
     * A target as a combination of the clean latent and the noise.
     *
     * @param onX0 factor of x0
     * @param onEps factor of eps
     */
    public record Target(double onX0, double onEps) {}

    private static void requireSignal(double alpha) {
        if (alpha == 0) {
            throw UserException.input(
                    "prediction_type \"epsilon\" cannot denoise a timestep of zero signal-to-noise ratio"
                            + " (rescale_betas_zero_snr); use \"v_prediction\", or timestep_spacing \"leading\"");
        }
    }
}
