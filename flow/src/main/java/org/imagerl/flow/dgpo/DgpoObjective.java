package org.imagerl.flow.dgpo;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Set;
import org.imagerl.flow.matching.Draws;
import org.imagerl.flow.matching.MatchingObjective;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.PromptGroups;
import org.imagerl.flow.matching.ReferencePenalty;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Policy;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * Direct Group Preference Optimization (Luo, Du, Zhang, Song, Liu, Jiang, Tang: Reinforcing Diffusion Models by Direct
 * Group Preference Optimization, 2025, arXiv 2510.08425; as in {@code trainers/dgpo.py} of Flow-Factory). With e the
 * matching loss of an image, at a time and a noise that all images of its prompt share, and K images of the prompt,
 *
 * <pre>
 * w_g = sigmoid(sum_(i in g) beta A_i (e_i - e_ref_i) / K),   L = mean_i w_g A_i e_i + kappa mean_i mean_d (v - v_ref)^2
 * </pre>
 *
 * where the weight w_g of a prompt is a constant: 1/2 at the reference weights, and nearly 0 where its good images
 * already match better, and its bad ones worse. An image is no longer trained on once {@code exp(e_ema - e)}, with the
 * trailing EMA weights, has left the clip range on the side that its advantage pushes to. Errors are those of
 * velocities.
 */
public final class DgpoObjective implements MatchingObjective {

    /**
     * The settings.
     *
     * @param beta how soon the preference of a prompt is satisfied, above 0, by velocity error and advantage
     * @param clipRange how far {@code exp(e_ema - e)} may move from 1, above 0; null is any far, and no call of the denoiser
     * @param referenceCoefficient kappa, the strength of the penalty to the reference weights; 0 is none
     * @param draws times and noises per prompt, each a pass of the denoiser
     * @param times where the times are from
     */
    public record Config(double beta, @Nullable Double clipRange, double referenceCoefficient, int draws, Times times) {
        /** Checks the ranges. */
        public Config {
            if (!(beta > 0)) {
                throw new IllegalArgumentException("beta must be above 0");
            }
            if (clipRange != null && !(clipRange > 0)) {
                throw new IllegalArgumentException("clip_range must be above 0");
            }
            ReferencePenalty.check(referenceCoefficient);
            Draws.check(draws);
        }
    }

    private final Config config;
    private final ReferencePenalty penalty;

    public DgpoObjective(Config config) {
        this.config = config;
        this.penalty = new ReferencePenalty(config.referenceCoefficient);
    }

    @Override
    public Needs needs() {
        Set<WeightSet> compared =
                config.clipRange == null ? Set.of(WeightSet.REFERENCE) : Set.of(WeightSet.REFERENCE, WeightSet.EMA);
        return new Needs(false, false, compared);
    }

    @Override
    public TrainingUnit unit() {
        return TrainingUnit.GROUP;
    }

    @Override
    public int furtherCalls() {
        return config.clipRange == null ? 1 : 2;
    }

    @Override
    public Draws draws() {
        return new Draws(config.draws, config.times);
    }

    @Override
    public int[] streams(Batch batch) {
        return PromptGroups.first(batch);
    }

    @Override
    public Loss loss(Policy policy, Batch batch, NoisedImages noised) {
        NDArray live = noised.output(policy, WeightSet.LIVE, batch);
        NDArray errors = noised.errors(live, PredictionError.VELOCITY);
        double[] now = errors.stopGradient().toDoubleArray();
        double[] advantages = batch.advantages().samples();
        NDArray reference = noised.output(policy, WeightSet.REFERENCE, batch);
        double[] weights = weights(batch, advantages, now, errors(noised, reference));
        boolean[] stopped = stopped(policy, batch, noised, advantages, now);
        double[] factors = new double[now.length];
        double constant = 0;
        for (int i = 0; i < factors.length; i++) {
            double factor = weights[i] * advantages[i];
            factors[i] = stopped[i] ? 0 : factor;
            constant += stopped[i] ? factor * now[i] / factors.length : 0;
        }
        NDArray moving = errors.mul(PerSample.like(errors, factors)).mean();
        NDArray loss = Kernels.shift(moving, constant);
        Metrics metrics = new Metrics()
                .mean("matching_error", mean(now))
                .mean("preference_weight", mean(weights))
                .mean("clip_fraction", share(stopped));
        return new Loss(
                penalty.added(loss, noised, live, reference, ReferencePenalty.equal(now.length), metrics), metrics);
    }

    private double[] weights(Batch batch, double[] advantages, double[] now, double[] reference) {
        double[] weights = new double[now.length];
        for (int[] group : PromptGroups.of(batch)) {
            double preference = 0;
            for (int i : group) {
                preference += config.beta * advantages[i] * (now[i] - reference[i]) / group.length;
            }
            for (int i : group) {
                weights[i] = 1 / (1 + Math.exp(-preference));
            }
        }
        return weights;
    }

    private boolean[] stopped(Policy policy, Batch batch, NoisedImages noised, double[] advantages, double[] now) {
        boolean[] stopped = new boolean[now.length];
        Double range = config.clipRange;
        if (range == null) {
            return stopped;
        }
        double[] before = errors(noised, noised.output(policy, WeightSet.EMA, batch));
        for (int i = 0; i < stopped.length; i++) {
            double ratio = Math.exp(before[i] - now[i]);
            stopped[i] = advantages[i] > 0 ? ratio > 1 + range : ratio < 1 - range;
        }
        return stopped;
    }

    private static double[] errors(NoisedImages noised, NDArray output) {
        return noised.errors(output, PredictionError.VELOCITY).toDoubleArray();
    }

    private static double mean(double... values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    private static double share(boolean... stopped) {
        int count = 0;
        for (boolean each : stopped) {
            count += each ? 1 : 0;
        }
        return (double) count / stopped.length;
    }
}
