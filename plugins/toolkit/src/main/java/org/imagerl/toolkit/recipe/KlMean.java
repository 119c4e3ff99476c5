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
 * Distance between the means of the transitions of the current and the reference policy, which share their standard deviation S:
 * {@code coefficient mean_d (mu - mu_ref)^2 / V}. With V = 2 S^2 it is their KL divergence per element of the latent (the true one divided by
 * D); the published codes differ in V, and so in what a coefficient means.
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

    public KlMean(Config config) {
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
                    "the penalty kl-mean compares transitions, but this likelihood has none; use another penalty");
        }
        NDArray reference =
                Gradients.off(() -> policy.mean(WeightSet.REFERENCE, transition.step(), batch.trajectories()));
        NDArray difference = transition.mean().sub(reference);
        double stepSize = batch.trajectories().kernel().stepSize(transition.step());
        return Kernels.scale(
                difference.mul(difference).mean(),
                CoefficientSchedule.at(config.schedule, config.coefficient, batch.progress())
                        / variance(transition.std(), stepSize));
    }

    private double variance(double std, double stepSize) {
        return switch (config.variance) {
            case STEP -> 2 * std * std;
            case RATE -> 2 * std * std / stepSize;
            case NONE -> 1;
        };
    }
}
