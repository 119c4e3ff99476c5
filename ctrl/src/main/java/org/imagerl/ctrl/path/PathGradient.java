package org.imagerl.ctrl.path;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Direct back-propagation of CTRL's objective (Zhao, Uehara, Scalia, Kung, Biancalani, Levine, Hajiramezanali, Adding Conditional Control to
 * Diffusion Models with Reinforcement Learning, 2024, arXiv 2406.12120, the objective of its planning form) through sampler and decoder:
 *
 * <pre>
 * L = mean_i [ -gamma_i log p(y_i | x_i) + sum_t KL_t,i ]      KL_t = sum_d (mu_t - mu_ref,t)^2 / (2 S_t^2)
 * </pre>
 *
 * all in nats: its minimum over all policies is p_pre(x) p(y | x)^gamma. The rollouts are the checkpoints: every state of the path is known, so
 * the gradient goes from the last state to the first and runs each step once more, recorded, one step in memory at a time:
 *
 * <pre>
 * g_T = -gamma d log p / dx_T
 * g_t = (d mu_t / dx_t)^T (g_{t+1} + (mu_t - mu_ref,t) / S_t^2) - (d mu_ref,t / dx_t)^T (mu_t - mu_ref,t) / S_t^2
 * </pre>
 *
 * and the first product adds the gradients of the weights. The noise of a step is a constant. A step without noise, as the last one of
 * flow-sde, has no divergence that is finite: it is not trained, its output is a constant.
 *
 * <p>The published loss of the class is {@code -log(p + 1e-6)}, whose gradient fades where p is below 1e-6; here it is {@code -log p}, from
 * the logits.
 *
 * <p>The published code takes the mean over the D elements instead of the sum, and weighs it against the log-likelihood: its
 * {@code loss_coeff / kl_weight} of 10 is a gamma of 10 D here.
 */
public final class PathGradient {
    private final ClassLogLikelihood likelihood;
    private final ToDoubleFunction<Prompt> gamma;
    private final Truncation truncation;

    private final Policy policy;
    private final Batch batch;
    private final double weight;
    private final Map<String, Double> metrics = new TreeMap<>();

    private PathGradient(
            ClassLogLikelihood likelihood,
            ToDoubleFunction<Prompt> gamma,
            Truncation truncation,
            Policy policy,
            Batch batch,
            double weight) {
        this.likelihood = likelihood;
        this.gamma = gamma;
        this.truncation = truncation;
        this.policy = policy;
        this.batch = batch;
        this.weight = weight;
    }

    /**
     * Adds the gradient of {@code weight L} to the policy's weights.
     *
     * @param gamma the strength of each sample
     * @param batch rollouts with all states and noises, of the weights at hand
     * @return {@code log_likelihood}, the mean of log p(y | x); {@code path_kl}, an unbiased estimate of the mean of the sum of all steps
     *     that are kept at all; {@code path_kl_per_element}, the same divided by D; {@code objective}, gamma log p - KL
     */
    public static Map<String, Double> add(
            ClassLogLikelihood likelihood,
            ToDoubleFunction<Prompt> gamma,
            Truncation truncation,
            Policy policy,
            Batch batch,
            double weight) {
        PathGradient made = new PathGradient(likelihood, gamma, truncation, policy, batch, weight);
        Scope.run(made::sweep);
        return made.metrics;
    }

    private void sweep() {
        Trajectories path = batch.trajectories();
        requireTrained(path.kernel());
        metrics.put(PathDivergence.NATS, 0.0);
        NDArray cotangent = last(path);
        for (int step = path.kernel().steps() - 1; step >= 0; step--) {
            int now = step;
            NDArray later = cotangent;
            cotangent = Scope.of(() -> Gradients.off(() -> before(now, later)));
            later.close();
        }
        double kl = metrics.getOrDefault(PathDivergence.NATS, 0.0);
        metrics.putAll(PathDivergence.metrics(kl, path));
        metrics.merge("objective", -kl, Double::sum);
    }

    private void requireTrained(TransitionKernel kernel) {
        int steps = kernel.steps();
        if (IntStream.range(0, steps).noneMatch(step -> kernel.std(step) > 0)) {
            throw UserException.input(
                    "no step of the rollouts adds noise, so that paths have no divergence; make the dynamics"
                            + " stochastic (ddim: eta above 0; flow-sde: noise_level above 0)");
        }
        if (IntStream.range(0, steps)
                .noneMatch(step -> kernel.std(step) > 0 && truncation.probability(step, steps) > 0)) {
            throw UserException.input(
                    "truncation keeps only steps that add no noise, which are not trained; raise truncation.steps (the"
                            + " last step of flow-sde adds none unless noisy_last_step is true), or use another window");
        }
    }

    /** g_T, the gradient at the final latents. */
    private NDArray last(Trajectories path) {
        double[] strengths = path.prompts().stream().mapToDouble(gamma).toArray();
        double[] factors =
                Arrays.stream(strengths).map(g -> -g * weight / path.size()).toArray();
        return gradient(path.state(path.kernel().steps()), x -> {
            NDArray logLikelihood = likelihood.logLikelihood(policy.decode(x), path.prompts());
            double[] values =
                    logLikelihood.stopGradient().toType(DataType.FLOAT64, false).toDoubleArray();
            metrics.put("log_likelihood", Arrays.stream(values).average().orElse(Double.NaN));
            metrics.put(
                    "objective",
                    IntStream.range(0, values.length)
                            .mapToDouble(i -> strengths[i] * values[i] / values.length)
                            .sum());
            return new Product(logLikelihood, PerSample.like(logLikelihood, factors));
        });
    }

    /** g_t from g_{t+1}, for samples whose step is kept and for those whose step is truncated. */
    private NDArray before(int step, NDArray later) {
        Trajectories path = batch.trajectories();
        int steps = path.kernel().steps();
        if (!(path.kernel().std(step) > 0)) {
            return past(step, path, later);
        }
        RandomStreams random = new RandomStreams(batch.seed());
        int[] kept = IntStream.range(0, path.size())
                .filter(i -> truncation.keeps(step, steps, random, batch.samples()[i]))
                .toArray();
        if (kept.length == path.size()) {
            return through(step, path, later);
        }
        int[] cut = IntStream.range(0, path.size())
                .filter(i -> Arrays.binarySearch(kept, i) < 0)
                .toArray();
        NDArray past = past(step, part(step, cut), rows(later, cut));
        if (kept.length == 0) {
            return past;
        }
        int[] order = new int[path.size()];
        for (int i = 0; i < kept.length; i++) {
            order[kept[i]] = i;
        }
        for (int i = 0; i < cut.length; i++) {
            order[cut[i]] = kept.length + i;
        }
        return rows(through(step, part(step, kept), rows(later, kept)).concat(past, 0), order);
    }

    /** The gradient through the denoiser and the step. */
    private NDArray through(int step, Trajectories path, NDArray later) {
        double std = path.kernel().std(step);
        NDArray pull = PathDivergence.mean(step, path);
        NDArray reference = policy.with(
                WeightSet.REFERENCE,
                () -> gradient(path.state(step), x -> {
                    NDArray expected = policy.mean(WeightSet.REFERENCE, step, at(step, path, x));
                    pull.subi(expected.stopGradient());
                    return new Product(expected, Kernels.scale(pull, -share() / (std * std)));
                }));
        divergence(step, pull);
        NDArray cotangent = Kernels.combine(later, 1, pull, share() / (std * std));
        NDArray current = gradient(
                path.state(step), x -> new Product(policy.mean(WeightSet.LIVE, step, at(step, path, x)), cotangent));
        return current.add(reference);
    }

    private double share() {
        return weight / batch.trajectories().size();
    }

    private void divergence(int step, NDArray pull) {
        Trajectories path = batch.trajectories();
        double kept = truncation.probability(step, path.kernel().steps());
        metrics.merge(PathDivergence.NATS, PathDivergence.of(pull, step, path) / kept, Double::sum);
    }

    /** The gradient through the linear part of the step alone; the denoiser's output is a constant. */
    private NDArray past(int step, Trajectories path, NDArray later) {
        TransitionKernel kernel = path.kernel();
        // Where the mean is linear it is of no matter where it is differentiated.
        NDArray state = kernel.clips() ? path.state(step) : later;
        NDArray output = kernel.clips() ? output(step, path) : later.zerosLike();
        return gradient(state, x -> new Product(kernel.mean(step, x, output), later));
    }

    private NDArray output(int step, Trajectories path) {
        double[] timesteps = new double[path.size()];
        Arrays.fill(timesteps, path.kernel().timestep(step));
        return policy.output(WeightSet.LIVE, path.state(step), timesteps, path);
    }

    /** The same samples at a state that requires a gradient. */
    private static Trajectories at(int step, Trajectories path, NDArray x) {
        List<@Nullable NDArray> states =
                new ArrayList<>(Collections.nCopies(path.kernel().steps() + 1, null));
        states.set(step, x);
        List<@Nullable NDArray> none = Collections.nCopies(path.kernel().steps(), null);
        return new Trajectories(path.kernel(), path.prompts(), path.conditioning(), states, none);
    }

    /** Some samples at one step: the states before and after it, and its noise. */
    private Trajectories part(int step, int... rows) {
        Trajectories path = batch.trajectories();
        List<@Nullable NDArray> states =
                new ArrayList<>(Collections.nCopies(path.kernel().steps() + 1, null));
        List<@Nullable NDArray> noises =
                new ArrayList<>(Collections.nCopies(path.kernel().steps(), null));
        states.set(step, rows(path.state(step), rows));
        states.set(step + 1, rows(path.state(step + 1), rows));
        NDArray noise = path.noise(step);
        noises.set(step, noise == null ? null : rows(noise, rows));
        List<Prompt> prompts = Arrays.stream(rows).mapToObj(path.prompts()::get).toList();
        return new Trajectories(
                path.kernel(),
                prompts,
                path.conditioning().rows(path.state(step).getManager(), rows),
                states,
                Collections.nCopies(path.kernel().steps(), null),
                noises);
    }

    private static NDArray rows(NDArray array, int... rows) {
        long[] index = Arrays.stream(rows).asLongStream().toArray();
        return array.get(array.getManager().create(index));
    }

    /**
     * A vector-Jacobian product that is yet to be taken.
     *
     * @param value with its graph
     * @param cotangent like it, a constant
     */
    private record Product(NDArray value, NDArray cotangent) {}

    /** Adds the gradients of a product to the weights, and gives that of its input. */
    private static NDArray gradient(NDArray input, Function<NDArray, Product> function) {
        return Scope.of(() -> Gradients.record(recording -> {
            NDArray leaf = input.stopGradient();
            leaf.setRequiresGradient(true);
            Product product = function.apply(leaf);
            recording.backward(product.value(), product.cotangent());
            return leaf.getGradient();
        }));
    }
}
