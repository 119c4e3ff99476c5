package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TrustRegion;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * The one policy-gradient estimator, for each trained step t of each sample i:
 *
 * <pre>
 * L = weight(t) mean_i surrogate(log rho_i, A_i) + penalty
 * </pre>
 *
 * where the ratio rho compares the likelihood under the current weights with that under the weights that sampled.
 */
public final class Recipe implements Objective {
    private final Likelihood likelihood;
    private final Ratio ratio;
    private final TrustRegion trustRegion;
    private final StepWeight stepWeight;
    private final @Nullable Penalty penalty;

    public Recipe(
            Likelihood likelihood,
            Ratio ratio,
            TrustRegion trustRegion,
            StepWeight stepWeight,
            @Nullable Penalty penalty) {
        this.likelihood = likelihood;
        this.ratio = ratio;
        this.trustRegion = trustRegion;
        this.stepWeight = stepWeight;
        this.penalty = penalty;
    }

    @Override
    public Needs needs() {
        return new Needs(likelihood.needsDensity(), penalty != null);
    }

    @Override
    public int passes(Batch batch) {
        return likelihood.passes(batch);
    }

    @Override
    public Loss loss(Policy policy, Batch batch, int pass) {
        Likelihood.Evaluation evaluation = likelihood.evaluate(policy, batch, pass);
        NDArray logRatio = ratio.logRatio(evaluation);
        TrustRegion.Surrogate surrogate = trustRegion.surrogate(
                logRatio, advantages(logRatio, batch), batch.trajectories().elements());
        Map<String, Double> metrics = metrics(evaluation, logRatio, surrogate, batch.onPolicy());
        NDArray loss = surrogate.loss().mean();
        if (evaluation.transition() != null) {
            int step = evaluation.transition().step();
            loss = Kernels.scale(loss, stepWeight.weight(batch.trajectories().chain(), step));
        }
        if (penalty != null) {
            NDArray added = penalty.penalty(policy, batch, evaluation);
            metrics.put("penalty", number(added));
            loss = loss.add(added);
        }
        return new Loss(loss, metrics);
    }

    /** A copy with native storage: what enters a recorded graph must not lie in a Java buffer. */
    private static NDArray advantages(NDArray logRatio, Batch batch) {
        double[] values = batch.advantages();
        NDArray inDouble = logRatio.getManager().create(values, new Shape(values.length));
        return inDouble.toType(logRatio.getDataType(), false).duplicate();
    }

    private static Map<String, Double> metrics(
            Likelihood.Evaluation evaluation, NDArray logRatio, TrustRegion.Surrogate surrogate, boolean onPolicy) {
        Map<String, Double> metrics = new TreeMap<>();
        double[] logRatios =
                logRatio.stopGradient().toType(DataType.FLOAT64, false).toDoubleArray();
        double[] change = evaluation
                .logDensity()
                .stopGradient()
                .sub(evaluation.oldLogDensity())
                .toType(DataType.FLOAT64, false)
                .toDoubleArray();
        double ratio = 0;
        double deviation = 0;
        double squares = 0;
        for (int i = 0; i < logRatios.length; i++) {
            ratio += Math.exp(logRatios[i]) / logRatios.length;
            deviation = Math.max(deviation, Math.abs(Math.expm1(logRatios[i])));
            squares += change[i] * change[i] / change.length;
        }
        metrics.put("ratio", ratio);
        metrics.put("ratio_deviation_max", deviation);
        if (onPolicy) {
            metrics.put("on_policy_deviation_max", deviation);
        }
        metrics.put("clip_fraction", surrogate.clippedShare());
        metrics.put("approx_kl", squares / 2);
        return metrics;
    }

    private static double number(NDArray scalar) {
        return scalar.stopGradient().toType(DataType.FLOAT64, false).getDouble();
    }
}
