package org.imagerl.flow.dynamics;

import org.imagerl.flow.schedule.FlowStep;
import org.imagerl.spi.Dynamics;

/**
 * The SDE of DanceGRPO (Xue et al., DanceGRPO: Unleashing GRPO on Visual Generation, 2025, arXiv 2505.07818, eq. 4, as in the published code):
 * constant noise eta per root of time, and the drift along the score that leaves the marginals of the flow as they are. With h = t - t' and x0 = x - t v:
 *
 * <pre>
 *   mu = x - h (v + eta^2 / 2 (x - (1 - t) x0) / t^2) = x (1 - eta^2 h / (2 t)) - v (1 + eta^2 (1 - t) / (2 t)) h
 *   x' ~ N(mu, S^2),  S = eta sqrt(h)
 * </pre>
 *
 * <p>Nothing is singular: {@code x - (1 - t) x0 = t (x + (1 - t) v)}. The published code decodes the x0 of the last step instead of x', which is what
 * a last step along the ODE gives.
 */
public final class DanceSde {

    /**
     * The settings: how much noise the steps add, and which steps add it.
     *
     * @param noiseLevel eta, std per root of time; 0 is the ODE
     * @param window the steps that add noise
     * @param noisyLastStep whether the step to t' = 0 may be one of them
     */
    public record Config(double noiseLevel, Window window, boolean noisyLastStep) {
        /** Checks the range. */
        public Config {
            if (!(noiseLevel >= 0 && Double.isFinite(noiseLevel))) {
                throw new IllegalArgumentException("noise_level must be at least 0; DanceGRPO uses 0.3");
            }
        }
    }

    private DanceSde() {}

    /** The dynamics. */
    public static Dynamics dynamics(Config config) {
        double eta = config.noiseLevel;
        return new SdeDynamics(
                "dance-sde", (t, next) -> step(eta, t, next), eta > 0, config.window, config.noisyLastStep);
    }

    static FlowStep step(double eta, double t, double next) {
        double h = t - next;
        double onLatent = 1 - eta * eta * h / (2 * t);
        double onOutput = -(1 + eta * eta * (1 - t) / (2 * t)) * h;
        return FlowStep.of(t, next, onLatent, onOutput, eta * Math.sqrt(h));
    }
}
