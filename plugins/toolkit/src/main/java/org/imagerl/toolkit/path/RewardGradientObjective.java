package org.imagerl.toolkit.path;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Context;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Score;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.reward.DifferentiableReward;
import org.imagerl.spi.reward.LatentReward;
import org.imagerl.toolkit.recipe.Recipe;
import org.imagerl.toolkit.recipe.ScoreFunction;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.recipe.Unclipped;
import org.imagerl.toolkit.recipe.UniformWeight;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * {@code reward-gradient}: rewards with a gradient are maximised by back-propagation through decoder and sampler, see {@link PathGradient}. DRaFT-K and
 * DRaFT-LV, ReFL, DRTune, AlignProp and the hindsight form of HDPO are settings of it, see {@link PathSettings}.
 *
 * <pre>
 * L = mean_i [ -min(sum_r w_r r(x_i), ceiling) + divergence sum_t KL_t,i ] + score_function mean_i [ -A_i mean_t log p_t,i ]
 * </pre>
 *
 * <p>The rewards of the run are watched. With a score-function part they are also maximised, by REINFORCE on the same rollouts: so a reward without a
 * gradient can go beside one that has it.
 */
public final class RewardGradientObjective implements Objective {

    /**
     * A reward that is maximised.
     *
     * @param reward one that has a gradient
     * @param weight in the sum; 1 if absent
     */
    public record Weighed(
            PartConfig<Reward> reward, @Nullable Double weight) {
        /** Checks the range. */
        public Weighed {
            if (weight != null && !(Math.abs(weight) > 0 && Double.isFinite(weight))) {
                throw new IllegalArgumentException("weight must be a number other than 0");
            }
        }

        double factor() {
            return weight == null ? 1 : weight;
        }
    }

    /**
     * The settings.
     *
     * @param rewards what is maximised
     * @param truncation the calls of the denoiser through which gradients flow
     * @param end which images are scored
     * @param stopInputs whether the denoiser's input is a constant in every call
     * @param divergence factor of the path KL to the weights before training, in nats; 0 is none
     * @param ceiling of the sum of rewards: above it an image has no gradient; none if absent
     * @param scoreFunction factor of the score-function part; 0 is none
     */
    public record Config(
            List<Weighed> rewards,
            Truncation truncation,
            PathEnd end,
            boolean stopInputs,
            double divergence,
            @Nullable Double ceiling,
            double scoreFunction) {
        /** Checks the ranges. */
        public Config {
            if (rewards != null && rewards.isEmpty()) {
                throw new IllegalArgumentException("rewards must have at least one reward that has a gradient");
            }
            if (!(scoreFunction >= 0) || !Double.isFinite(scoreFunction)) {
                throw new IllegalArgumentException("score_function must be at least 0, not " + scoreFunction);
            }
            if (ceiling != null && !Double.isFinite(ceiling)) {
                throw new IllegalArgumentException("ceiling must be a finite number; leave it out for none");
            }
            new PathSettings(truncation, end, stopInputs, divergence);
        }

        /** DRaFT-1; the rewards have no default and are required. */
        @SuppressWarnings("NullAway") // what has no default
        public static Config defaults() {
            return new Config(null, new Truncation.Last(1), new PathEnd.Finished(), false, 0, null, 0);
        }

        PathSettings path() {
            return new PathSettings(truncation, end, stopInputs, divergence);
        }
    }

    private final Config config;
    private final List<Reward> rewards = new ArrayList<>();
    private final Recipe scoreFunction =
            new Recipe(new TransitionLikelihood(), new ScoreFunction(), new Unclipped(), new UniformWeight(), Map.of());

    /**
     * Makes the rewards.
     *
     * @throws UserException if one has no gradient
     */
    public RewardGradientObjective(Config config, Context context) {
        this.config = config;
        try {
            config.rewards().forEach(weighed -> rewards.add(made(weighed.reward(), context)));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static Reward made(PartConfig<Reward> configured, Context context) {
        Reward made = configured.create(context);
        try {
            if (made instanceof DifferentiableReward differentiable) {
                differentiable.checkDifferentiable();
                return differentiable;
            }
            if (made instanceof Stateful) {
                throw UserException.input("rewards: " + configured.type() + " has refresh, which is for the run's own"
                        + " rewards; leave it out here");
            }
            if (made instanceof LatentReward) {
                return made;
            }
            throw UserException.input("rewards: " + configured.type() + " has no gradient back to the image; take one"
                    + " that has (differentiable, jpeg-estimate,"
                    + " ocr-likelihood, control-likelihood, latent),"
                    + " or list it under the run's rewards and set"
                    + " score_function above 0");
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
    }

    /** Densities only for what has a use for them; all states, because a path without noise has a gradient, too. */
    @Override
    public Needs needs() {
        boolean divergence = config.divergence() > 0;
        return new Needs(
                divergence || config.scoreFunction() > 0,
                divergence,
                divergence ? Set.of(WeightSet.REFERENCE) : Set.of(),
                true,
                true);
    }

    @Override
    public boolean maximisesRewards() {
        return config.scoreFunction() > 0;
    }

    @Override
    public void check(Prompt prompt) {
        for (int i = 0; i < rewards.size(); i++) {
            rewards.get(i).check(prompt);
            rewards.get(i).checkTrained(prompt, config.rewards().get(i).factor(), false);
        }
    }

    @Override
    public void check(TransitionKernel rollouts) {
        config.path().check(rollouts);
    }

    @Override
    public void checkSize(int width, int height) {
        rewards.forEach(reward -> reward.checkSize(width, height));
    }

    @Override
    public void checkLatents(LatentSpace space) {
        rewards.forEach(reward -> {
            if (reward instanceof LatentReward latent) {
                latent.checkLatents(space);
            }
        });
    }

    @Override
    public List<Path> files() {
        return rewards.stream()
                .flatMap(reward -> reward.files().stream())
                .distinct()
                .toList();
    }

    /** @return {@code score}, the sum of the rewards before the policy was changed, and what {@link PathGradient#add} gives beside it */
    @Override
    public Metrics backward(Policy policy, Batch batch, double weight) {
        return Metrics.means(PathGradient.add(new Total(), prompt -> 1, config.path(), policy, batch, weight));
    }

    /** The weighted sum; images are decoded only for rewards that look at them. */
    private final class Total implements DifferentiableScore {
        @Override
        public NDArray of(NDArray images, List<Prompt> prompts) {
            throw new IllegalStateException("rewards may be of latents");
        }

        @Override
        public NDArray ofLatents(NDArray latents, UnaryOperator<NDArray> decode, List<Prompt> prompts) {
            boolean decoding = rewards.stream().anyMatch(DifferentiableReward.class::isInstance);
            NDArray images = decoding ? decode.apply(latents) : latents;
            NDArray sum = null;
            for (int i = 0; i < rewards.size(); i++) {
                NDArray scores = rewards.get(i) instanceof DifferentiableReward reward
                        ? reward.scores(images, prompts)
                        : ((LatentReward) rewards.get(i)).latentScores(latents, prompts);
                NDArray own = Kernels.scale(scores, config.rewards().get(i).factor());
                sum = sum == null ? own : sum.add(own);
            }
            NDArray total = Objects.requireNonNull(sum);
            return config.ceiling() == null ? total : Kernels.clamp(total, -Score.LIMIT, config.ceiling());
        }
    }

    @Override
    public int passes(Batch batch) {
        return config.scoreFunction() > 0 ? scoreFunction.passes(batch) : 0;
    }

    @Override
    public Loss loss(Policy policy, Batch batch, int pass) {
        Loss loss = scoreFunction.loss(policy, batch, pass);
        return new Loss(Kernels.scale(loss.value(), config.scoreFunction()), loss.metrics());
    }

    @Override
    public void close() {
        rewards.forEach(Reward::close);
        rewards.clear();
    }
}
