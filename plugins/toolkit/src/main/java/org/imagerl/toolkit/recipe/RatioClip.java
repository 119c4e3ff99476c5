package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Locale;
import java.util.Objects;
import org.imagerl.spi.OneOf;
import org.imagerl.spi.TrustRegion;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * PPO's clipped surrogate (Schulman et al., 2017, arXiv 1707.06347, eq. 7): {@code max(-A rho, -A clip(rho, 1 - range, 1 + range))}.
 *
 * <p>The log-densities here are means over the D elements of a latent, so {@code range} means something only together with D: it lets
 * the total log-density move by about {@code D range}. It can be given either way.
 */
public final class RatioClip implements TrustRegion {

    /**
     * Exactly one of the two is given.
     *
     * @param range of the ratio of per-element mean log-densities, as published: 1e-4 for SD 1.x
     * @param densityBand of the total log-density of a step, in nats: range = band / D
     */
    @OneOf({"range", "densityBand"})
    public record Config(@Nullable Double range, @Nullable Double densityBand) {
        /** Checks that one is given and positive. */
        public Config {
            Double given = range == null ? densityBand : range;
            if ((range == null) == (densityBand == null) || given == null || !(given > 0)) {
                throw new IllegalArgumentException("give either range (per element) or density_band (nats of the total"
                        + " log-density), above 0");
            }
        }
    }

    private final Config config;

    public RatioClip(Config config) {
        this.config = config;
    }

    /** The range per element for latents of a size. */
    public double range(long elements) {
        if (config.range != null) {
            return config.range;
        }
        return Objects.requireNonNull(config.densityBand) / elements;
    }

    @Override
    public String allowance(long elements) {
        double range = range(elements);
        return String.format(
                Locale.ROOT,
                "clip: the ratio per element may move by %.2g, so the log-density of a step by about %.2g nats (%d"
                        + " elements)",
                range,
                range * elements,
                elements);
    }

    @Override
    public Surrogate surrogate(Pass pass) {
        double range = range(pass.elements());
        return clipped(pass, range, range);
    }

    /**
     * The clipped surrogate with a range of its own on each side.
     *
     * @param low 1 minus the smallest ratio that is let through
     * @param high the largest ratio minus 1
     */
    public static Surrogate clipped(Pass pass, double low, double high) {
        NDArray ratio = pass.logRatio().exp();
        NDArray minus = pass.advantages().neg();
        NDArray loss = minus.mul(ratio);
        NDArray clipped = minus.mul(Kernels.clamp(ratio, 1 - low, 1 + high));
        return counted(loss.maximum(clipped), ratio, pass.advantages(), low, high);
    }

    /**
     * A ratio is clipped only if it is outside the range on the side to which its advantage pushes it: in the other two
     * corners it is not clipped.
     */
    private static Surrogate counted(NDArray loss, NDArray ratio, NDArray advantages, double low, double high) {
        double[] ratios = ratio.stopGradient().toType(DataType.FLOAT64, false).toDoubleArray();
        double[] signs = advantages.toType(DataType.FLOAT64, false).toDoubleArray();
        double each = 1.0 / ratios.length;
        double clipped = 0;
        double above = 0;
        double below = 0;
        for (int i = 0; i < ratios.length; i++) {
            boolean isHigh = ratios[i] > 1 + high;
            boolean isLow = ratios[i] < 1 - low;
            above += isHigh ? each : 0;
            below += isLow ? each : 0;
            clipped += (signs[i] > 0 && isHigh) || (signs[i] < 0 && isLow) ? each : 0;
        }
        return new Surrogate(loss, clipped, above, below);
    }
}
