package org.imagerl.flow.pairs;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Set;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.PromptGroups;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Batch;
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
 * Diffusion-DPO (Wallace et al., Diffusion Model Alignment Using Direct Preference Optimization, 2023, arXiv 2311.12908) with the best and the worst
 * image of each prompt as the pair, at a time and a noise that both share. With e the matching loss of an image, w the best and l the worst,
 *
 * <pre>
 * z = beta / 2 [(e_w - e_ref_w) - (e_l - e_ref_l)],   L = mean ln(1 + e^z) + anchor mean e_w
 * </pre>
 *
 * where the anchor is that of RPO (Liu et al., Provably Mitigating Overoptimization in RLHF: Your SFT Loss is Implicitly an Adversarial Regularizer, 2024, arXiv
 * 2405.16436). A prompt whose images all have the same advantage is no pair, and adds nothing. Selections that keep the two ends of a prompt (best-worst) save
 * the calls of the denoiser for the others.
 */
public final class DpoObjective implements Objective {

    /**
     * The settings.
     *
     * @param beta how soon a preference is satisfied, above 0, by error
     * @param anchor factor of the matching loss of the best images, at least 0
     * @param error in which form it is measured: the paper has {@code output}, for models that predict noise
     * @param draws times and noises per pair, each a pass of the denoiser
     * @param times where the times are from
     */
    public record Config(double beta, double anchor, PredictionError error, int draws, Times times) {
        /** Checks the ranges. */
        public Config {
            if (!(beta > 0)) {
                throw new IllegalArgumentException("beta must be above 0");
            }
            if (!(anchor >= 0)) {
                throw new IllegalArgumentException("anchor must be at least 0");
            }
            if (draws < 1) {
                throw new IllegalArgumentException("draws must be at least 1");
            }
        }
    }

    private final Config config;

    public DpoObjective(Config config) {
        this.config = config;
    }

    @Override
    public Needs needs() {
        return new Needs(false, false, Set.of(WeightSet.REFERENCE));
    }

    @Override
    public TrainingUnit unit() {
        return TrainingUnit.GROUP;
    }

    @Override
    public void checkSteps(int steps) {
        config.times.check(steps);
    }

    @Override
    public int furtherCalls() {
        return 1;
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
        int[] shared = PromptGroups.first(batch);
        return loss(policy, batch, NoisedImages.draw(policy, batch, config.times, pass, config.draws, shared));
    }

    /** The loss of one pass on these noisy latents. */
    public Loss loss(Policy policy, Batch batch, NoisedImages noised) {
        NDArray errors = noised.errors(noised.output(policy, WeightSet.LIVE, batch), config.error);
        double[] now = errors.stopGradient().toDoubleArray();
        double[] reference = noised.errors(noised.output(policy, WeightSet.REFERENCE, batch), config.error)
                .toDoubleArray();
        double[] advantages = batch.advantages().samples();
        double[] factors = new double[now.length];
        Metrics metrics = new Metrics();
        double value = 0;
        for (int[] group : PromptGroups.of(batch)) {
            int best = end(advantages, 1, group);
            int worst = end(advantages, -1, group);
            if (advantages[best] <= advantages[worst]) {
                continue;
            }
            double z = config.beta / 2 * (now[best] - reference[best] - now[worst] + reference[worst]);
            double share = (double) group.length / now.length;
            double slope = share * config.beta / 2 / (1 + Math.exp(-z));
            factors[best] += slope + share * config.anchor;
            factors[worst] -= slope;
            value += share * (softPlus(z) + config.anchor * now[best]);
            metrics.mean("preference_margin", -z).mean("preference_accuracy", z < 0 ? 1 : 0);
        }
        metrics.mean("matching_error", Arrays.stream(now).average().orElse(Double.NaN));
        return new Loss(valued(errors, factors, now, value), metrics);
    }

    /** The sample of a prompt with the largest signed advantage, the first of equal ones. */
    private static int end(double[] advantages, int sign, int... group) {
        int found = group[0];
        for (int row : group) {
            found = sign * advantages[row] > sign * advantages[found] ? row : found;
        }
        return found;
    }

    private static double softPlus(double z) {
        return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    }

    /** What has this value, and these gradients by the errors. */
    private static NDArray valued(NDArray errors, double[] factors, double[] now, double value) {
        double linear = 0;
        for (int i = 0; i < now.length; i++) {
            linear += factors[i] * now[i];
        }
        return Kernels.shift(errors.mul(PerSample.like(errors, factors)).sum(), value - linear);
    }
}
