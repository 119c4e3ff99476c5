package org.imagerl.toolkit.path;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.path.VectorJacobian.Product;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.sampling.Noise;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Direct back-propagation of a score of images, and of a divergence, through decoder and sampler:
 *
 * <pre>
 * L = mean_i [ -gamma_i r(x_i) + beta sum_t KL_t,i ]      KL_t = sum_d (mu_t - mu_ref,t)^2 / (2 S_t^2)
 * </pre>
 *
 * <p>The rollouts are the checkpoints: every state of the path is known, so the gradient goes from the last state to the first and runs each step once
 * more, recorded, one step in memory at a time:
 *
 * <pre>
 * g_T = -gamma dr / dx_T
 * g_t = (d mu_t / dx_t)^T (g_{t+1} + beta (mu_t - mu_ref,t) / S_t^2) - beta (d mu_ref,t / dx_t)^T (mu_t - mu_ref,t) / S_t^2
 * </pre>
 *
 * and the first product adds the gradients of the weights. The noises of a path are constants, so that this is the derivative of what the same noises
 * would have led to (Alvo, Russo, Kanoria, Neural Inventory Control in Networks via Hindsight Differentiable Policy Optimization, 2023, arXiv
 * 2306.11246). With a divergence a step without noise, as the last one of flow-sde, is not trained, because no divergence of it is finite; its output is
 * then a constant.
 */
public final class PathGradient {
    /** The mean of the scores. */
    public static final String SCORE = "score";

    private final DifferentiableScore score;
    private final ToDoubleFunction<Prompt> gamma;
    private final PathSettings settings;

    private final Policy policy;
    private final Batch batch;
    private final double weight;
    private final Map<String, Double> metrics = new TreeMap<>();

    private PathGradient(
            DifferentiableScore score,
            ToDoubleFunction<Prompt> gamma,
            PathSettings settings,
            Policy policy,
            Batch batch,
            double weight) {
        this.score = score;
        this.gamma = gamma;
        this.settings = settings;
        this.policy = policy;
        this.batch = batch;
        this.weight = weight;
    }

    /**
     * Adds the gradient of {@code weight L} to the policy's weights.
     *
     * @param gamma the factor of each sample's score
     * @param batch rollouts with all states and noises, of the weights at hand
     * @return {@code score}, the mean of r; {@code path_kl}, an unbiased estimate of the mean of the sum of all steps that are kept at all, in nats;
     *     {@code path_kl_per_element}, the same divided by D; {@code objective}, gamma r - beta KL; those of the KL only where beta is above 0
     */
    public static Map<String, Double> add(
            DifferentiableScore score,
            ToDoubleFunction<Prompt> gamma,
            PathSettings settings,
            Policy policy,
            Batch batch,
            double weight) {
        PathGradient made = new PathGradient(score, gamma, settings, policy, batch, weight);
        Scope.run(made::add);
        return made.metrics;
    }

    private void add() {
        Trajectories path = batch.trajectories();
        int steps = path.kernel().steps();
        RandomStreams random = new RandomStreams(batch.seed());
        if (settings.end() instanceof PathEnd.Predicted predicted) {
            int back = random.stream("predicted step").nextInt(Math.min(steps, predicted.steps()));
            sweep(path, steps - back, true, 1);
        } else if (settings.end() instanceof PathEnd.Renoised renoised) {
            sweep(path, steps, false, 1 + renoised.draws());
            for (int draw = 0; draw < renoised.draws(); draw++) {
                int now = draw;
                Scope.run(() -> sweep(renoised(path, random, now), steps, false, 1 + renoised.draws()));
            }
        } else {
            sweep(path, steps, false, 1);
        }
    }

    private void sweep(Trajectories path, int calls, boolean predicted, int paths) {
        double share = weight / path.size() / paths;
        PathSweep sweep = new PathSweep(settings, policy, batch, path, calls, predicted, share);
        if (settings.divergence() > 0) {
            metrics.put(PathDivergence.NATS, 0.0);
        }
        sweep.back(last(sweep.scored(), share), metrics);
        if (settings.divergence() > 0) {
            double kl = metrics.getOrDefault(PathDivergence.NATS, 0.0);
            metrics.putAll(PathDivergence.metrics(kl, path));
            metrics.merge("objective", -settings.divergence() * kl, Double::sum);
        }
    }

    /** The gradient at the latents that are scored. */
    private NDArray last(NDArray latents, double share) {
        List<Prompt> prompts = batch.trajectories().prompts();
        double[] strengths = prompts.stream().mapToDouble(gamma).toArray();
        double[] factors = Arrays.stream(strengths).map(g -> -g * share).toArray();
        return VectorJacobian.ofInput(latents, x -> {
            NDArray scores = score.ofLatents(x, policy::decode, prompts);
            double[] values =
                    scores.stopGradient().toType(DataType.FLOAT64, false).toDoubleArray();
            metrics.putIfAbsent(SCORE, Arrays.stream(values).average().orElse(Double.NaN));
            metrics.putIfAbsent(
                    "objective",
                    IntStream.range(0, values.length)
                            .mapToDouble(i -> strengths[i] * values[i] / values.length)
                            .sum());
            return new Product(scores, PerSample.like(scores, factors));
        });
    }

    /** The finished latents at the noise of the last step, and what that step makes of them. */
    private Trajectories renoised(Trajectories path, RandomStreams random, int draw) {
        int last = path.kernel().steps() - 1;
        NDArray finished = path.state(last + 1);
        NDManager manager = finished.getManager();
        long[] seeds = Arrays.stream(batch.samples())
                .mapToLong(sample -> random.seed("renoised image", sample, draw))
                .toArray();
        List<@Nullable NDArray> states = new ArrayList<>(Collections.nCopies(last + 2, null));
        List<@Nullable NDArray> none = Collections.nCopies(last + 1, null);
        Trajectories again = new Trajectories(path.kernel(), path.prompts(), path.conditioning(), states, none);
        Mixture mixture = path.kernel().mixture(last);
        return Gradients.off(() -> {
            NDArray noise =
                    Noise.of(manager, seeds, finished.getShape().slice(1).getShape());
            states.set(last, Kernels.combine(finished, mixture.alpha(), noise, mixture.sigma()));
            noise.close();
            states.set(last + 1, policy.mean(WeightSet.LIVE, last, again));
            return again;
        });
    }
}
