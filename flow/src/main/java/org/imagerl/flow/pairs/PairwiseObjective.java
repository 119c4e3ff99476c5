package org.imagerl.flow.pairs;

import ai.djl.ndarray.NDArray;
import org.imagerl.flow.matching.CaptionDropout;
import org.imagerl.flow.matching.Draws;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Batch;
import org.imagerl.spi.FormerName;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * Learns from preferences: of two finished images of a prompt one is preferred. Both are made noisy at a time and with a noise that they share, as
 * in Diffusion-DPO (Wallace et al., Diffusion Model Alignment Using Direct Preference Optimization, 2023, arXiv 2311.12908), and a {@link PairLoss}
 * says what their matching errors e cost:
 *
 * <pre>
 * L = mean loss(e_w, e_l) + anchor mean e_w
 * </pre>
 *
 * The anchor is that of RPO (Liu et al., Provably Mitigating Overoptimization in RLHF: Your SFT Loss is Implicitly an Adversarial Regularizer, 2024, arXiv
 * 2405.16436). The pairs are those of {@link TrainingUnit#PAIR}: the best and the worst sample of each prompt, or pairs on disk.
 */
public final class PairwiseObjective implements Objective {

    /**
     * The settings.
     *
     * @param loss what a preference costs
     * @param anchor factor of the matching loss of the preferred images, at least 0
     * @param error in which form it is measured: Diffusion-DPO has {@code output}, for models that predict noise
     * @param draws times and noises per pair, each a pass of the denoiser
     * @param times where the times are from
     * @param captionDropout share of the pairs that are trained without their prompt, 0 to below 1
     */
    public record Config(
            @FormerName(value = "beta", within = "beta") PairLoss loss,
            double anchor,
            PredictionError error,
            int draws,
            Times times,
            double captionDropout) {
        /** Checks the ranges. */
        public Config {
            if (!(anchor >= 0)) {
                throw new IllegalArgumentException("anchor must be at least 0");
            }
            Draws.check(draws);
            CaptionDropout.require(captionDropout);
        }
    }

    private final Config config;

    public PairwiseObjective(Config config) {
        this.config = config;
    }

    @Override
    public Needs needs() {
        return new Needs(false, false, config.loss.weights());
    }

    @Override
    public TrainingUnit unit() {
        return TrainingUnit.PAIR;
    }

    @Override
    public void checkSteps(int steps) {
        config.times.check(steps);
    }

    @Override
    public int furtherCalls() {
        return config.loss.weights().size();
    }

    @Override
    public boolean trainsWithAnyGuidance() {
        return true;
    }

    @Override
    public int passes(Batch batch) {
        return config.draws;
    }

    @Override
    public Loss loss(Policy policy, Batch batch, int pass) {
        int[] streams = streams(batch);
        Batch conditioned = CaptionDropout.of(policy, batch, config.captionDropout, pass, streams);
        return loss(policy, conditioned, NoisedImages.draw(policy, batch, config.times, pass, config.draws, streams));
    }

    /** Per row a number of random streams that both images of a pair share, however an update is cut and ordered. */
    static int[] streams(Batch batch) {
        int[] streams = batch.samples().clone();
        for (int row = 0; row < streams.length; row += 2) {
            streams[row] = Math.min(streams[row], streams[row + 1]);
            streams[row + 1] = streams[row];
        }
        return streams;
    }

    /** The loss of one pass on these noisy latents. */
    public Loss loss(Policy policy, Batch batch, NoisedImages noised) {
        NDArray errors = noised.errors(noised.output(policy, WeightSet.LIVE, batch), config.error);
        double[] now = errors.stopGradient().toDoubleArray();
        double[] reference = errors(WeightSet.REFERENCE, policy, batch, noised);
        double[] average = errors(WeightSet.EMA, policy, batch, noised);
        double[] factors = new double[now.length];
        Metrics metrics = new Metrics();
        double value = 0;
        double share = 2.0 / now.length;
        for (int w = 0; w < now.length; w += 2) {
            int l = w + 1;
            PairErrors pair = new PairErrors(now[w], now[l], reference[w], reference[l], average[w], average[l]);
            PairLoss.Value cost = config.loss.of(pair);
            factors[w] = share * (cost.byChosen() + config.anchor);
            factors[l] = share * cost.byRejected();
            value += share * (cost.loss() + config.anchor * now[w]);
            metrics.mean("preference_loss", cost.loss())
                    .mean("preference_margin", pair.margin())
                    .mean("preference_accuracy", pair.margin() > 0 ? 1 : 0)
                    .mean("matching_error", (now[w] + now[l]) / 2)
                    .mean("matching_error_chosen", now[w]);
        }
        return new Loss(valued(errors, factors, now, value), metrics);
    }

    /** The errors under some weights; zeros where the loss does not ask for them. */
    private double[] errors(WeightSet weights, Policy policy, Batch batch, NoisedImages noised) {
        return config.loss.weights().contains(weights)
                ? noised.errors(noised.output(policy, weights, batch), config.error)
                        .toDoubleArray()
                : new double[batch.samples().length];
    }

    /** A tensor that has this value, and these gradients with respect to the errors. */
    private static NDArray valued(NDArray errors, double[] factors, double[] now, double value) {
        double linear = 0;
        for (int i = 0; i < now.length; i++) {
            linear += factors[i] * now[i];
        }
        return Kernels.shift(errors.mul(PerSample.like(errors, factors)).sum(), value - linear);
    }
}
