package org.imagerl.flow.pairs;

import java.util.Set;
import org.imagerl.spi.WeightSet;

/**
 * The loss of a preference, a function of the errors of the two images. In the place of the papers' log-density stands
 * minus the matching error e, and {@code r = e_ref - e} for the logarithm of the ratio to the reference weights: the
 * bound of Diffusion-DPO (Wallace et al., 2023, arXiv 2311.12908, equation 14), time by time. Errors are means over the
 * elements of the latents, so that betas are those of that paper, and not those of language models.
 */
public sealed interface PairLoss {

    /**
     * A loss and its slopes.
     *
     * @param loss of the pair
     * @param byChosen its derivative by e_w under the live weights
     * @param byRejected its derivative by e_l under the live weights
     */
    record Value(double loss, double byChosen, double byRejected) {}

    /** The weights whose errors it needs beside those of the live ones: by default the reference weights. */
    default Set<WeightSet> weights() {
        return Set.of(WeightSet.REFERENCE);
    }

    /** The loss of a pair. */
    Value of(PairErrors pair);

    /**
     * Diffusion-DPO (arXiv 2311.12908): {@code ln(1 + e^z)}, {@code z = -beta / 2 (r_w - r_l)}.
     *
     * @param beta how soon a preference is satisfied, above 0, by error
     */
    record Dpo(double beta) implements PairLoss {
        /** Checks the range. */
        public Dpo {
            requireAbove0("beta", beta);
        }

        @Override
        public Value of(PairErrors pair) {
            return logistic(beta / 2, beta / 2, pair.chosenGain(), pair.rejectedGain());
        }
    }

    /**
     * IPO (Azar et al., A General Theoretical Paradigm to Understand Learning from Human Preferences, 2023, arXiv
     * 2310.12036, equation 17): {@code (r_w - r_l - 1 / (2 beta))^2}. The margin is regressed to a fixed value, and
     * does not grow without bound. The paper calls beta tau.
     *
     * @param beta above 0, by error
     */
    record Ipo(double beta) implements PairLoss {
        /** Checks the range. */
        public Ipo {
            requireAbove0("beta", beta);
        }

        @Override
        public Value of(PairErrors pair) {
            double missing = pair.margin() - 1 / (2 * beta);
            return new Value(missing * missing, -2 * missing, 2 * missing);
        }
    }

    /**
     * Diffusion-KTO (Li et al., Aligning Diffusion Models by Optimizing Human Utility, 2024, arXiv 2404.04465) with the sigmoid utility: the mean of
     * {@code desirable (1 - s(beta (r_w - k)))} and {@code undesirable (1 - s(-beta (r_l - k)))} with {@code k = max(0, (r_w + r_l) / 2)}, a constant.
     * In the published code k is of the whole batch of one device; here it is of the pair, so that no number depends on how an update is cut.
     *
     * @param beta above 0, by error
     * @param desirable factor of the preferred image, at least 0
     * @param undesirable factor of the other, at least 0
     */
    record Kto(double beta, double desirable, double undesirable) implements PairLoss {
        /** Checks the ranges. */
        public Kto {
            requireAbove0("beta", beta);
            if (!(desirable >= 0 && undesirable >= 0)) {
                throw new IllegalArgumentException("desirable and undesirable must be at least 0");
            }
        }

        @Override
        public Value of(PairErrors pair) {
            double origin = Math.max(0, (pair.chosenGain() + pair.rejectedGain()) / 2);
            double won = sigmoid(beta * (pair.chosenGain() - origin));
            double lost = sigmoid(-beta * (pair.rejectedGain() - origin));
            return new Value(
                    (desirable * (1 - won) + undesirable * (1 - lost)) / 2,
                    desirable * beta * won * (1 - won) / 2,
                    -undesirable * beta * lost * (1 - lost) / 2);
        }
    }

    /**
     * CPL (Hejna et al., Contrastive Preference Learning: Learning from Human Feedback without RL, 2023, arXiv 2310.13639, equation 6):
     * {@code ln(1 + e^z)}, {@code z = -alpha (-e_w + bias e_l)}, without reference weights; with them r takes the place of -e. The paper adds up the
     * steps of a segment; here each time is a preference of its own.
     *
     * @param alpha above 0, by error
     * @param bias lambda of the paper, 0 to 1: below 1 the likelihood of both images may not fall together; 0 leaves the rejected one out
     * @param reference whether it compares with the reference weights
     */
    record Cpl(double alpha, double bias, boolean reference) implements PairLoss {
        /** Checks the ranges. */
        public Cpl {
            requireAbove0("alpha", alpha);
            if (!(bias >= 0 && bias <= 1)) {
                throw new IllegalArgumentException("bias must be 0 to 1");
            }
        }

        @Override
        public Set<WeightSet> weights() {
            return reference ? Set.of(WeightSet.REFERENCE) : Set.of();
        }

        @Override
        public Value of(PairErrors pair) {
            return logistic(alpha, alpha * bias, pair.chosenGain(), pair.rejectedGain());
        }
    }

    /**
     * TGDPO (Zhu et al., TGDPO: Harnessing Token-Level Reward Guidance for Enhancing Direct Preference Optimization, 2025, arXiv 2506.14574):
     * {@code ln(1 + e^z)}, {@code z = -beta / 2 ((1 + weight d_w) r_w - (1 - weight d_l) r_l)}. What the paper has for each token is for the time
     * that was drawn here; {@code d = beta / 2 (e_ref - e_ema)} is the reward that the EMA weights stand for, a constant, where the paper takes a model
     * that DPO has tuned before. A time at which those weights know a preferred image better counts more.
     *
     * @param beta above 0, by error
     * @param weight of the reward; 0 is Diffusion-DPO. The paper has 0.5
     */
    record Tgdpo(double beta, double weight) implements PairLoss {
        /** Checks the ranges. */
        public Tgdpo {
            requireAbove0("beta", beta);
            if (!(weight >= 0)) {
                throw new IllegalArgumentException("weight must be at least 0");
            }
        }

        @Override
        public Set<WeightSet> weights() {
            return weight == 0 ? Set.of(WeightSet.REFERENCE) : Set.of(WeightSet.REFERENCE, WeightSet.EMA);
        }

        @Override
        public Value of(PairErrors pair) {
            double half = beta / 2;
            double chosen = weight == 0 ? 0 : weight * half * (pair.referenceChosen() - pair.averageChosen());
            double rejected = weight == 0 ? 0 : weight * half * (pair.referenceRejected() - pair.averageRejected());
            return logistic(half * (1 + chosen), half * (1 - rejected), pair.chosenGain(), pair.rejectedGain());
        }
    }

    /** {@code ln(1 + e^z)} with {@code z = -(a r_w - b r_l)}; a step of e moves r by minus itself. */
    private static Value logistic(double a, double b, double chosenGain, double rejectedGain) {
        double z = b * rejectedGain - a * chosenGain;
        double slope = sigmoid(z);
        return new Value(Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))), a * slope, -b * slope);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static void requireAbove0(String name, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " must be above 0");
        }
    }
}
