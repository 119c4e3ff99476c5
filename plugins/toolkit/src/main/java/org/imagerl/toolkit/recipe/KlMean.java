package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Objects;
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
 * Distance between the means of the transitions of the current and another policy, which share their standard deviation S:
 * {@code coefficient mean_d (mu - mu_other)^2 / V}. With V = 2 S^2 it is their KL divergence per element of the latent (the true one divided by
 * D); the published codes differ in V, and so in what a coefficient means.
 *
 * <p>{@code kl-mean} compares with the reference weights. {@code kl-behaviour} compares with the policy that sampled: with the trust region {@code none}
 * this is mirror descent policy optimisation (Tomar, Shani, Efroni, Ghavamzadeh, Mirror Descent Policy Optimization, 2020, arXiv 2005.09814, equation 10),
 * {@code maximise E[rho A] - KL(pi || pi_k) / t_k} by several updates per rollout without a clip; the coefficient is 1 / t_k. Its mean needs no call of
 * the denoiser: {@code mu_old = x' - S z} with the stored noise z. Before the first update both policies are the same, and the penalty is exactly 0. The
 * paper's variants with the reverse divergence and Tsallis entropy are left out: between Gaussians of one S the divergence is the same both ways.
 */
public final class KlMean implements Penalty {

    /** What the squared distance is divided by. */
    public enum Variance {
        /** 2 S^2, the variance of the step: the KL divergence. */
        STEP,
        /** 2 S^2 / h, the variance per unit of time, h the step's size: Flow-GRPO's published code, h times the KL divergence. */
        RATE,
        /** 1: Flow-Factory's. */
        NONE
    }

    /**
     * How strong.
     *
     * @param coefficient factor, above 0
     * @param schedule how it moves over the run; null is constant
     * @param variance what the squared distance is divided by
     */
    public record Config(double coefficient, @Nullable CoefficientSchedule schedule, Variance variance) {
        /** Checks the range. */
        public Config {
            if (!(coefficient > 0)) {
                throw new IllegalArgumentException("coefficient must be above 0");
            }
        }
    }

    private final Config config;
    private final boolean toBehaviour;

    private KlMean(Config config, boolean toBehaviour) {
        this.config = config;
        this.toBehaviour = toBehaviour;
    }

    /** {@code kl-mean}. */
    public KlMean(Config config) {
        this(config, false);
    }

    /** {@code kl-behaviour}. */
    public static KlMean toBehaviour(Config config) {
        return new KlMean(config, true);
    }

    @Override
    public boolean needsNoise() {
        return toBehaviour;
    }

    /** A squared distance alone is one for any noise. */
    @Override
    public boolean needsGaussian() {
        return config.variance != Variance.NONE;
    }

    @Override
    public boolean needsTransition() {
        return true;
    }

    @Override
    public Set<WeightSet> weights() {
        return toBehaviour ? Set.of() : Set.of(WeightSet.REFERENCE);
    }

    @Override
    public NDArray penalty(Policy policy, Batch batch, Likelihood.Evaluation evaluation) {
        Likelihood.Transition transition = evaluation.transition();
        if (transition == null) {
            throw UserException.input("the penalty " + (toBehaviour ? "kl-behaviour" : "kl-mean")
                    + " compares transitions, but this likelihood has none; use another penalty");
        }
        if (toBehaviour && batch.onPolicy()) {
            return transition.mean().getManager().zeros(new Shape()); // rounding would make another number of it
        }
        NDArray other = Gradients.off(() -> toBehaviour
                ? sampledFrom(transition)
                : policy.mean(WeightSet.REFERENCE, transition.step(), batch.trajectories()));
        NDArray difference = transition.mean().sub(other);
        double stepSize = batch.trajectories().kernel().stepSize(transition.step());
        return Kernels.scale(
                difference.mul(difference).mean(),
                CoefficientSchedule.at(config.schedule, config.coefficient, batch.progress())
                        / variance(transition.std(), stepSize));
    }

    private static NDArray sampledFrom(Likelihood.Transition transition) {
        NDArray z = Objects.requireNonNull(transition.noise(), "the noise was not stored");
        return Kernels.combine(transition.next(), 1, z, -transition.std());
    }

    private double variance(double std, double stepSize) {
        return switch (config.variance) {
            case STEP -> 2 * std * std;
            case RATE -> 2 * std * std / stepSize;
            case NONE -> 1;
        };
    }
}
