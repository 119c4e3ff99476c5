package org.imagerl.toolkit.recipe.gradient;

import org.imagerl.spi.PenaltyGradient;

/**
 * The orthogonal gradient of ODICE (Mao, Xu, Zhang, Zhan, ODICE: Revealing the Mystery of Distribution Correction
 * Estimation via Orthogonal-gradient Update, 2024, arXiv 2402.00348, as in the published code):
 *
 * <pre>
 * g = g_f + eta (g_b - (g_f . g_b / max(|g_f|^2, 1e-10)) g_f)
 * </pre>
 *
 * <p>In the paper g_f and g_b are the forward and the backward gradient of a value's loss. Here g_f is the gradient of
 * the policy's loss and g_b that of the penalties, over all trained tensors, after all micro-batches and shards of an
 * update are added up and before anything limits their norm: of the penalty only that is kept which is orthogonal to
 * the reward's direction, so that {@code g . g_f = |g_f|^2} whatever the penalty is. It never undoes what the reward
 * asks for, and cannot help it along either. What the paper shows of offline values does not carry over.
 */
public final class OrthogonalGradient implements PenaltyGradient {
    /** The least squared norm that is divided by, as published. */
    private static final double LEAST = 1e-10;

    /** @param eta of the orthogonal part of the penalties' gradient, at least 0; 0 is no penalty */
    public record Config(double eta) {
        /** Checks the range. */
        public Config {
            if (!(eta >= 0 && Double.isFinite(eta))) {
                throw new IllegalArgumentException("eta must be at least 0, not " + eta);
            }
        }
    }

    private final Config config;

    public OrthogonalGradient(Config config) {
        this.config = config;
    }

    @Override
    public boolean apart() {
        return true;
    }

    @Override
    public Factors factors(double policySquared, double product) {
        return new Factors(1 - config.eta * product / Math.max(policySquared, LEAST), config.eta);
    }
}
