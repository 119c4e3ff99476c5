package org.imagerl.flow.dynamics;

import org.imagerl.flow.schedule.FlowStep;
import org.imagerl.spi.Dynamics;

/**
 * The SDE of Flow-GRPO (Liu et al., Flow-GRPO: Training Flow Matching Models via Online RL, 2025, arXiv 2505.05470, eq. 9 and 10): noise and
 * a drift against it that leave the marginals of the flow as they are, as the number of steps grows. With h = t - t':
 *
 * <pre>
 *   sigma_t = a sqrt(t / (1 - t))
 *   mu      = x (1 - sigma_t^2 h / (2 t)) - v (1 + sigma_t^2 (1 - t) / (2 t)) h
 *   x'      ~ N(mu, S^2),  S = sigma_t sqrt(h)
 * </pre>
 *
 * <p>At t = 1, where sigma_t is infinite, the published code puts t' for t in the denominator 1 - t, so that the first step has S = a. For t below
 * 1 the derivative of mu by v is exactly -(1 + a^2 / 2) h; its RatioNorm factor is 1 / h as GRPO-Guard has it, which at t = 1 leaves 1 instead of 1 + a^2 / 2.
 * The published code adds noise on the last step too, and does not train it; here it does so only if asked.
 */
public final class FlowSde {

    /**
     * The settings: how much noise the steps add, and which steps add it.
     *
     * @param noiseLevel a, noise per root of time in units of sqrt(t / (1 - t)); 0 is the ODE
     * @param window the steps that add noise
     * @param noisyLastStep whether the step to t' = 0 may be one of them
     */
    public record Config(double noiseLevel, Window window, boolean noisyLastStep) {
        /** Checks the range. */
        public Config {
            if (!(noiseLevel >= 0 && Double.isFinite(noiseLevel))) {
                throw new IllegalArgumentException("noise_level must be at least 0; Flow-GRPO uses 0.7");
            }
        }
    }

    private FlowSde() {}

    /** The dynamics. */
    public static Dynamics dynamics(Config config) {
        double a = config.noiseLevel;
        return new SdeDynamics("flow-sde", (t, next) -> step(a, t, next), a > 0, config.window, config.noisyLastStep);
    }

    static FlowStep step(double a, double t, double next) {
        double h = t - next;
        double variance = a * a * t / (1 - (t == 1 ? next : t));
        double onLatent = 1 - variance * h / (2 * t);
        double onOutput = -(1 + variance * (1 - t) / (2 * t)) * h;
        return new FlowStep(t, next, onLatent, onOutput, Math.sqrt(variance * h), 1 / h);
    }
}
