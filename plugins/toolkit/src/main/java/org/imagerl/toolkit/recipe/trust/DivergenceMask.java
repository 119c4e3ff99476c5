package org.imagerl.toolkit.recipe.trust;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Objects;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.TrustRegion;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Flow-DPPO (2026, arXiv 2606.11025, as in verl-omni's published code): no clip of the ratio, but a mask by the exact divergence of the step,
 *
 * <pre>
 * D = mean_d (mu - mu_old)^2 / (2 S^2)
 * L = -A rho,   0 where D &gt;= threshold and the sample moves away (A &gt; 0 and rho &gt; 1, or A &lt; 0 and rho &lt; 1)
 * </pre>
 *
 * so that a sample which comes back is never stopped. mu_old follows from the stored noise, {@code mu_old = x' - S z}. D is per element of the latent, as the
 * published 1e-5 is.
 */
public final class DivergenceMask implements TrustRegion {

    /** @param threshold of D, per element of the latent, above 0 */
    public record Config(double threshold) {
        /** Checks the range. */
        public Config {
            if (!(threshold > 0)) {
                throw new IllegalArgumentException("threshold must be above 0");
            }
        }
    }

    private final Config config;

    public DivergenceMask(Config config) {
        this.config = config;
    }

    @Override
    public boolean needsTransition() {
        return true;
    }

    @Override
    public boolean needsNoise() {
        return true;
    }

    @Override
    public Surrogate surrogate(Pass pass) {
        Likelihood.Transition transition = Objects.requireNonNull(
                Objects.requireNonNull(pass.evaluation(), "there is no evaluation")
                        .transition(),
                "there is no transition");
        NDArray z = Objects.requireNonNull(transition.noise(), "the noise was not stored");
        // x' = mu_old + S z = mu + S left, so (mu - mu_old) / S = z - left.
        NDArray apart = z.sub(
                TransitionLikelihood.noise(transition.next(), transition.mean().stopGradient(), transition.std()));
        double[] d = numbers(Kernels.scale(Kernels.meanPerSample(apart.mul(apart)), 0.5));
        double[] logRatio = numbers(pass.logRatio().stopGradient());
        double[] a = numbers(pass.advantages());
        double[] kept = new double[d.length];
        double stopped = 0;
        double above = 0;
        double below = 0;
        double each = 1.0 / d.length;
        for (int i = 0; i < kept.length; i++) {
            boolean outside = d[i] >= config.threshold;
            boolean away = (a[i] > 0 && logRatio[i] > 0) || (a[i] < 0 && logRatio[i] < 0);
            kept[i] = outside && away ? 0 : 1;
            stopped += outside && away ? each : 0;
            above += outside && logRatio[i] > 0 ? each : 0;
            below += outside && logRatio[i] < 0 ? each : 0;
        }
        NDArray loss = pass.advantages().neg().mul(pass.logRatio().exp());
        return new Surrogate(loss.mul(PerSample.like(loss, kept)), stopped, above, below);
    }

    private static double[] numbers(NDArray values) {
        return values.toType(DataType.FLOAT64, false).toDoubleArray();
    }
}
