package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import java.util.Set;
import org.imagerl.spi.Batch;
import org.imagerl.spi.CoefficientSchedule;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Policy;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * An f-divergence between the transitions of the current and the reference policy. Both are Gaussians of one standard deviation S, so that all follow
 * from {@code k = mean_d (mu - mu_ref)^2 / S^2}, each sample's own:
 *
 * <pre>
 * kl                 k / 2
 * chi2               e^k - 1
 * sqrt-chi2          sqrt(max(e^k - 1, floor))
 * total-variation    erf(sqrt(k) / (2 sqrt 2))
 * hellinger          1 - e^(-k / 8)               squared Hellinger distance
 * </pre>
 *
 * <p>f-divergences as what keeps a policy near its reference are from Go et al. (Aligning Language Models with Preferences through f-divergence
 * Minimization, 2023, arXiv 2302.08215); chi-squared and its root against a hacked reward from Laidlaw, Singhal, Dragan (Correlated Proxies: A New
 * Definition and Improved Mitigation for Reward Hacking, 2024, arXiv 2403.03185), whose floor is 1e-4. That paper recommends the divergence of
 * occupancy measures over this one of actions. Jensen and Shannon's divergence has no closed form.
 *
 * <p>k is a mean over the D elements of a latent; the divergence of a whole step has D k in its place ({@code elements: total}), where e^(D k) overflows
 * soon. For small k the first order of all is the same up to a factor: chi2 / 2 = kl = 4 hellinger. The root and the total variation have a gradient
 * that does not vanish at the reference; to keep it finite there, the latter takes k + 1e-12.
 */
public final class StepDivergence implements Penalty {
    private static final double LEAST = 1e-12;

    /** Which one. */
    public enum Divergence {
        KL,
        CHI2,
        SQRT_CHI2,
        TOTAL_VARIATION,
        HELLINGER
    }

    /** What k is taken of. */
    public enum Elements {
        MEAN,
        TOTAL
    }

    /**
     * Which divergence, and how strong.
     *
     * @param divergence which one
     * @param coefficient factor, above 0
     * @param schedule how it moves over the run; null is constant
     * @param elements whether k is the mean over the elements of the latents or their sum
     * @param floor of {@code sqrt-chi2}, above 0
     */
    public record Config(
            Divergence divergence,
            double coefficient,
            @Nullable CoefficientSchedule schedule,
            Elements elements,
            double floor) {
        /** Checks the ranges. */
        public Config {
            if (!(coefficient > 0) || !(floor > 0)) {
                throw new IllegalArgumentException("coefficient and floor must be above 0");
            }
        }
    }

    private final Config config;

    public StepDivergence(Config config) {
        this.config = config;
    }

    @Override
    public boolean needsTransition() {
        return true;
    }

    @Override
    public Set<WeightSet> weights() {
        return Set.of(WeightSet.REFERENCE);
    }

    @Override
    public NDArray penalty(Policy policy, Batch batch, Likelihood.Evaluation evaluation) {
        Likelihood.Transition transition = evaluation.transition();
        if (transition == null) {
            throw UserException.input(
                    "the penalty f-divergence compares transitions, but this likelihood has none; use another penalty");
        }
        NDArray reference =
                Gradients.off(() -> policy.mean(WeightSet.REFERENCE, transition.step(), batch.trajectories()));
        NDArray apart = transition.mean().sub(reference);
        double std = transition.std();
        double elements =
                config.elements == Elements.TOTAL ? batch.trajectories().elements() : 1;
        NDArray k = Kernels.scale(Kernels.meanPerSample(apart.mul(apart)), elements / (std * std));
        return Kernels.scale(
                divergence(k).mean(), CoefficientSchedule.at(config.schedule, config.coefficient, batch.progress()));
    }

    /**
     * The divergence per sample.
     *
     * @param k floating point {@code [B]}, at least 0
     * @return {@code [B]}
     */
    public NDArray divergence(NDArray k) {
        return switch (config.divergence) {
            case KL -> Kernels.scale(k, 0.5);
            case CHI2 -> Kernels.expm1(k);
            case SQRT_CHI2 ->
                Kernels.clamp(Kernels.expm1(k), config.floor, Float.MAX_VALUE).sqrt();
            case TOTAL_VARIATION ->
                Kernels.erf(Kernels.scale(Kernels.shift(k, LEAST).sqrt(), 1 / (2 * Math.sqrt(2))));
            case HELLINGER -> Kernels.expm1(Kernels.scale(k, -1.0 / 8)).neg();
        };
    }
}
