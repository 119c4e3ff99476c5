package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Loss;
import org.imagerl.spi.LossTerms;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * The one policy-gradient estimator, for each trained step t of each sample i:
 *
 * <pre>
 * L = weight(t) mean_i surrogate(log rho_i, A_i) + penalties
 * </pre>
 *
 * where the ratio rho compares the likelihood under the current weights with that under the weights that sampled. A likelihood without
 * transitions has no steps to weigh.
 */
public final class Recipe implements Objective {
    private final Likelihood likelihood;
    private final Ratio ratio;
    private final TrustRegion trustRegion;
    private final StepWeight stepWeight;
    private final SortedMap<String, Penalty> penalties;

    /** @param penalties by the name under which they are logged */
    public Recipe(
            Likelihood likelihood,
            Ratio ratio,
            TrustRegion trustRegion,
            StepWeight stepWeight,
            Map<String, Penalty> penalties) {
        this.likelihood = likelihood;
        this.ratio = ratio;
        this.trustRegion = trustRegion;
        this.stepWeight = stepWeight;
        this.penalties = new TreeMap<>(penalties);
    }

    @Override
    public Needs needs() {
        Set<WeightSet> weights = new HashSet<>(likelihood.weights());
        penalties.values().forEach(penalty -> weights.addAll(penalty.weights()));
        TrustRegion.Survey survey = trustRegion.survey();
        WeightSet compared = survey == null ? null : survey.compared();
        if (compared != null) {
            weights.add(compared);
        }
        boolean noise = ratio.needsTransition()
                || trustRegion.needsNoise()
                || penalties.values().stream().anyMatch(Penalty::needsNoise);
        return new Needs(likelihood.needsDensity(), noise, weights);
    }

    /** Each part states it for itself. */
    @Override
    public boolean needsGaussian() {
        return false;
    }

    @Override
    public TrainingUnit unit() {
        return trustRegion.unit();
    }

    @Override
    public int passes(Batch batch) {
        return likelihood.passes(batch);
    }

    /**
     * The calls of the penalties. How often a likelihood calls the behaviour policy after the first update is not
     * known.
     */
    @Override
    public int furtherCalls() {
        return penalties.values().stream()
                .mapToInt(penalty -> penalty.weights().size())
                .sum();
    }

    @Override
    public Loss loss(Policy policy, Batch batch, int pass) {
        Likelihood.Evaluation evaluation = likelihood.evaluate(policy, batch, pass);
        if (batch.terms() == LossTerms.PENALTY) {
            Metrics metrics = new Metrics();
            NDArray none = evaluation.logDensity().getManager().zeros(new Shape());
            return new Loss(penalised(none, policy, batch, evaluation, metrics), metrics);
        }
        NDArray logRatio = ratio.logRatio(evaluation);
        TrustRegion.Surrogate surrogate = trustRegion.surrogate(new TrustRegion.Pass(
                logRatio,
                PerSample.like(logRatio, advantages(batch, evaluation)),
                batch.trajectories().elements(),
                evaluation,
                batch.trajectories().prompts().stream().map(Prompt::id).toList(),
                marks(batch, evaluation)));
        Metrics metrics = metrics(evaluation, logRatio, surrogate, batch.onPolicy());
        NDArray loss = surrogate.loss().mean();
        if (evaluation.transition() != null) {
            int step = evaluation.transition().step();
            loss = Kernels.scale(loss, stepWeight.weight(batch.trajectories().kernel(), step));
        }
        return new Loss(
                batch.terms() == LossTerms.POLICY ? loss : penalised(loss, policy, batch, evaluation, metrics),
                metrics);
    }

    private NDArray penalised(
            NDArray loss, Policy policy, Batch batch, Likelihood.Evaluation evaluation, Metrics metrics) {
        NDArray sum = loss;
        for (Map.Entry<String, Penalty> penalty : penalties.entrySet()) {
            NDArray added = penalty.getValue().penalty(policy, batch, evaluation);
            metrics.mean(penalty.getKey(), number(added));
            sum = sum.add(added);
        }
        return sum;
    }

    @Override
    public @Nullable UpdateSurvey survey() {
        TrustRegion.Survey survey = trustRegion.survey();
        return survey == null ? null : new RecipeSurvey(likelihood, ratio, survey);
    }

    private static double @Nullable [] marks(Batch batch, Likelihood.Evaluation evaluation) {
        double[][] marks = batch.marks();
        Likelihood.Transition transition = evaluation.transition();
        return marks == null || transition == null
                ? null
                : Arrays.stream(marks)
                        .mapToDouble(own -> own[transition.step()])
                        .toArray();
    }

    static double[] advantages(Batch batch, Likelihood.Evaluation evaluation) {
        Likelihood.Transition transition = evaluation.transition();
        return transition == null
                ? batch.advantages().samples()
                : batch.advantages().at(transition.step());
    }

    private static Metrics metrics(
            Likelihood.Evaluation evaluation, NDArray logRatio, TrustRegion.Surrogate surrogate, boolean onPolicy) {
        Metrics metrics = new Metrics().add(evaluation.metrics(), 1);
        double[] logRatios =
                logRatio.stopGradient().toType(DataType.FLOAT64, false).toDoubleArray();
        double[] change = evaluation
                .logDensity()
                .stopGradient()
                .sub(evaluation.oldLogDensity())
                .toType(DataType.FLOAT64, false)
                .toDoubleArray();
        double ratio = 0;
        double mean = 0;
        double spread = 0;
        double deviation = 0;
        double squares = 0;
        for (int i = 0; i < logRatios.length; i++) {
            ratio += Math.exp(logRatios[i]) / logRatios.length;
            mean += logRatios[i] / logRatios.length;
            spread += logRatios[i] * logRatios[i] / logRatios.length;
            deviation = Math.max(deviation, Math.abs(Math.expm1(logRatios[i])));
            squares += change[i] * change[i] / change.length;
        }
        metrics.mean("ratio", ratio);
        metrics.max("ratio_deviation_max", deviation);
        metrics.mean("log_ratio", mean);
        metrics.mean("log_ratio_squared", spread);
        metrics.mean("above_share", surrogate.aboveShare());
        metrics.mean("below_share", surrogate.belowShare());
        if (onPolicy) {
            metrics.max("on_policy_deviation_max", deviation);
        }
        metrics.mean("clip_fraction", surrogate.clippedShare());
        metrics.mean("approx_kl", squares / 2);
        return metrics;
    }

    private static double number(NDArray scalar) {
        return scalar.stopGradient().toType(DataType.FLOAT64, false).getDouble();
    }
}
