package org.imagerl.flow.dynamics;

import org.imagerl.flow.schedule.FlowStep;
import org.imagerl.spi.Dynamics;

/**
 * Coefficients-preserving sampling (Wang et al., Coefficients-Preserving Sampling for Reinforcement Learning with Flow Matching, 2025, arXiv
 * 2509.05952): part of the predicted noise is exchanged for fresh noise. With x0 = x - t v and x1 = x + (1 - t) v:
 *
 * <pre>
 *   mu = (1 - t') x0 + t' cos(a pi / 2) x1
 *   x' ~ N(mu, S^2),  S = t' sin(a pi / 2)
 * </pre>
 *
 * <p>The squares of the factors of x0, x1 and fresh noise are those of the flow's own path at t', as {@code cos^2 + sin^2 = 1}; the marginals are not
 * preserved. The step to t' = 0 has no noise whatever a is.
 */
public final class Cps {

    /**
     * The settings: how much noise the steps add, and which steps add it.
     *
     * @param noiseLevel a, 0 (the ODE) to 1 (all of the noise is fresh)
     * @param window the steps that add noise
     */
    public record Config(double noiseLevel, Window window) {
        /** Checks the range. */
        public Config {
            if (!(noiseLevel >= 0 && noiseLevel <= 1)) {
                throw new IllegalArgumentException("noise_level must be from 0 to 1; Flow-GRPO-Fast uses 0.8");
            }
        }
    }

    private Cps() {}

    /** The dynamics. */
    public static Dynamics dynamics(Config config) {
        double a = config.noiseLevel;
        return new SdeDynamics("cps", (t, next) -> step(a, t, next), a > 0, config.window, false);
    }

    static FlowStep step(double a, double t, double next) {
        double onX0 = 1 - next;
        double onX1 = next * Math.cos(a * Math.PI / 2);
        double std = next * Math.sin(a * Math.PI / 2);
        return FlowStep.of(t, next, onX0 + onX1, -onX0 * t + onX1 * (1 - t), std);
    }
}
