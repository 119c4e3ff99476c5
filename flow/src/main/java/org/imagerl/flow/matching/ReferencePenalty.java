package org.imagerl.flow.matching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Set;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.recipe.PredictionKl;
import org.jspecify.annotations.Nullable;

/** The penalty {@code kl-prediction} in objectives that have their own loss: {@code coefficient mean_i mean_d (v - v_ref)^2} on the same noisy latents. */
public final class ReferencePenalty {
    private final @Nullable PredictionKl penalty;

    /** @param coefficient 0 is no penalty, and no call of the denoiser */
    public ReferencePenalty(double coefficient) {
        penalty = coefficient == 0
                ? null
                : PredictionKl.toReference(new PredictionKl.Config(
                        coefficient, null, PredictionKl.Weighting.UNIFORM, PredictionError.VELOCITY));
    }

    /** The reference weights, if there is a penalty. */
    public Objective.Needs needs() {
        return penalty == null ? Objective.Needs.NONE : new Objective.Needs(false, false, Set.of(WeightSet.REFERENCE));
    }

    /**
     * A loss with the penalty, which is logged as {@code penalty}.
     *
     * @param loss scalar
     * @param output of the live weights, float32 {@code [B, c, h, w]} with its graph
     */
    public NDArray added(
            NDArray loss, NoisedImages noised, NDArray output, Policy policy, Batch batch, Metrics metrics) {
        if (penalty == null) {
            return loss;
        }
        NDArray added =
                penalty.penalty(policy, batch, new Likelihood.Prediction(noised.latents(), noised.timesteps(), output));
        metrics.mean(
                "penalty", added.stopGradient().toType(DataType.FLOAT64, false).getDouble());
        return loss.add(added);
    }
}
