package org.imagerl.toolkit.path;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.path.VectorJacobian.Product;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * The way back along a path, one recorded step at a time.
 *
 * @param path all states, and the noises where a divergence is asked for
 * @param calls of the denoiser up to the latents that are scored
 * @param predicted whether these are the clean latents that the last of the calls predicts, instead of the state after it
 * @param share factor of the gradient of each sample
 */
record PathSweep(
        PathSettings settings,
        Policy policy,
        Batch batch,
        Trajectories path,
        int calls,
        boolean predicted,
        double share) {

    /** The latents that are scored, float32 {@code [B, c, h, w]}. */
    NDArray scored() {
        return predicted ? Gradients.off(() -> next(WeightSet.LIVE, calls - 1, path)) : path.state(calls);
    }

    /**
     * Adds the gradients of all steps that are kept to the weights.
     *
     * @param last the gradient at the latents that are scored, float32 {@code [B, c, h, w]}; is closed
     * @param metrics gets the divergence
     */
    void back(NDArray last, Map<String, Double> metrics) {
        NDArray cotangent = last;
        int first = firstKept();
        for (int step = calls - 1; step >= first; step--) {
            int now = step;
            NDArray later = cotangent;
            cotangent = Scope.of(() -> Gradients.off(() -> before(now, later, metrics)));
            later.close();
        }
        cotangent.close();
    }

    /** Before it nothing is trained. */
    private int firstKept() {
        return IntStream.range(0, calls)
                .filter(step -> kept(step).length > 0)
                .findFirst()
                .orElse(calls);
    }

    private int[] kept(int step) {
        if (!isTrained(step)) {
            return new int[0];
        }
        RandomStreams random = new RandomStreams(batch.seed());
        return IntStream.range(0, path.size())
                .filter(i -> settings.truncation().keeps(step, calls, random, batch.samples()[i]))
                .toArray();
    }

    private boolean isTrained(int step) {
        return settings.isTrained(path.kernel(), step);
    }

    /** g_t from g_{t+1}, for samples whose step is kept and for those whose step is truncated. */
    private NDArray before(int step, NDArray later, Map<String, Double> metrics) {
        int[] kept = kept(step);
        if (kept.length == path.size()) {
            return through(step, path, later, metrics);
        }
        int[] cut = IntStream.range(0, path.size())
                .filter(i -> Arrays.binarySearch(kept, i) < 0)
                .toArray();
        if (kept.length == 0) {
            return past(step, path, later);
        }
        NDArray past = past(step, part(step, cut), rows(later, cut));
        int[] order = new int[path.size()];
        for (int i = 0; i < kept.length; i++) {
            order[kept[i]] = i;
        }
        for (int i = 0; i < cut.length; i++) {
            order[cut[i]] = kept.length + i;
        }
        return rows(through(step, part(step, kept), rows(later, kept), metrics).concat(past, 0), order);
    }

    /** The gradient through the denoiser and the step. */
    private NDArray through(int step, Trajectories some, NDArray later, Map<String, Double> metrics) {
        if (settings.divergence() == 0 || (predicted && step == calls - 1)) {
            return current(step, some, later, later);
        }
        double factor = settings.divergence() * share;
        double variance = path.kernel().std(step) * path.kernel().std(step);
        NDArray pull = PathDivergence.mean(step, some);
        NDArray reference = policy.with(
                WeightSet.REFERENCE,
                () -> VectorJacobian.ofInput(some.state(step), x -> {
                    NDArray expected = policy.mean(WeightSet.REFERENCE, step, at(step, some, x));
                    pull.subi(expected.stopGradient());
                    return new Product(expected, Kernels.scale(pull, -factor / variance));
                }));
        measure(step, pull, metrics);
        NDArray live = current(step, some, later, Kernels.combine(later, 1, pull, factor / variance));
        // Where inputs are constants the two linear parts of a divergence cancel.
        return settings.stopInputs() ? live : live.add(reference);
    }

    /** @param cotangent {@code later} and what the step itself adds */
    private NDArray current(int step, Trajectories some, NDArray later, NDArray cotangent) {
        if (settings.stopInputs()) {
            VectorJacobian.ofWeights(() -> new Product(next(WeightSet.LIVE, step, some), cotangent));
            return past(step, some, later);
        }
        return VectorJacobian.ofInput(
                some.state(step), x -> new Product(next(WeightSet.LIVE, step, at(step, some, x)), cotangent));
    }

    /** The state after the step, without noise. */
    private NDArray next(WeightSet weights, int step, Trajectories some) {
        return predicted && step == calls - 1
                ? some.kernel().clean(step, some.state(step), output(weights, step, some))
                : policy.mean(weights, step, some);
    }

    private void measure(int step, NDArray pull, Map<String, Double> metrics) {
        double probability = settings.truncation().probability(step, calls);
        metrics.merge(PathDivergence.NATS, PathDivergence.of(pull, step, path) / probability, Double::sum);
    }

    /** The gradient through the linear part of the step alone; the denoiser's output is a constant. */
    private NDArray past(int step, Trajectories some, NDArray later) {
        TransitionKernel kernel = some.kernel();
        boolean clean = predicted && step == calls - 1;
        // Where the mean is linear it is of no matter where it is differentiated.
        NDArray state = kernel.clips() ? some.state(step) : later;
        NDArray output = kernel.clips() ? output(WeightSet.LIVE, step, some) : later.zerosLike();
        return VectorJacobian.ofInput(
                state, x -> new Product(clean ? kernel.clean(step, x, output) : kernel.mean(step, x, output), later));
    }

    private NDArray output(WeightSet weights, int step, Trajectories some) {
        double[] timesteps = new double[some.size()];
        Arrays.fill(timesteps, some.kernel().timestep(step));
        return policy.output(weights, some.state(step), timesteps, some);
    }

    /** The same samples at a state that requires a gradient. */
    private static Trajectories at(int step, Trajectories some, NDArray x) {
        List<@Nullable NDArray> states = nothing(some.kernel().steps() + 1);
        states.set(step, x);
        List<@Nullable NDArray> none = nothing(some.kernel().steps());
        return new Trajectories(some.kernel(), some.prompts(), some.conditioning(), states, none);
    }

    /** Some samples at one step: the states before and after it, and its noise. */
    private Trajectories part(int step, int... rows) {
        int steps = path.kernel().steps();
        List<@Nullable NDArray> states = nothing(steps + 1);
        List<@Nullable NDArray> noises = nothing(steps);
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
                nothing(steps),
                noises);
    }

    private static List<@Nullable NDArray> nothing(int count) {
        return new ArrayList<>(Collections.nCopies(count, null));
    }

    private static NDArray rows(NDArray array, int... rows) {
        long[] index = Arrays.stream(rows).asLongStream().toArray();
        return array.get(array.getManager().create(index));
    }
}
