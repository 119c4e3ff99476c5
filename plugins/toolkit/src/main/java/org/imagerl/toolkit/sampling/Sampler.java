package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Rolls a policy out. The noise of a sample depends on its seed and the step alone, not on the batch it is in; state 0 of seed s is what
 * {@code torch.randn([1, c, h, w], generator=torch.Generator().manual_seed(s))} gives, as in diffusers.
 *
 * <p>Samples of one prompt that begin with the same noise ({@link Seeds#shared()}) are the same until a step adds noise. That trunk is computed once
 * for all of them, and they branch at the first noisy step, as in the first form of Flow-GRPO-Fast (published code of Liu et al., Flow-GRPO, 2025,
 * arXiv 2505.05470).
 */
public final class Sampler {

    /** What of the way is kept. */
    public enum Keep {
        /** The last state. */
        LAST,
        /** And both states and the log-density of every transition that has noise. */
        TRANSITIONS,
        /** And their noise. */
        NOISE
    }

    private final GuidedPolicy policy;
    private final TransitionKernel kernel;
    private final long[] latentShape;
    private final WeightSet weights;

    /** What samples begin with instead of noise alone. */
    private final @Nullable ImageStart image;

    /** The first step of samples that begin with an image. */
    private final int first;

    /** The largest batch whose memory was looked at. */
    private final AtomicInteger checked = new AtomicInteger();

    /** With the live weights. */
    public Sampler(GuidedPolicy policy, TransitionKernel kernel, long[] latentShape) {
        this(policy, kernel, latentShape, WeightSet.LIVE);
    }

    /**
     * @param latentShape {@code [c, h, w]}
     * @param weights that sample
     */
    public Sampler(GuidedPolicy policy, TransitionKernel kernel, long[] latentShape, WeightSet weights) {
        this(policy, kernel, latentShape, weights, null, 0);
    }

    /**
     * @param image that samples begin with, or null
     * @param first the step of the kernel that is made first
     */
    Sampler(
            GuidedPolicy policy,
            TransitionKernel kernel,
            long[] latentShape,
            WeightSet weights,
            @Nullable ImageStart image,
            int first) {
        this.image = image;
        this.first = first;
        this.weights = weights;
        this.policy = policy;
        this.kernel = kernel;
        this.latentShape = latentShape.clone();
    }

    /** Denoiser calls per sample. */
    int calls() {
        return kernel.steps() - first;
    }

    /**
     * Samples latents.
     *
     * @param manager owns the result
     * @param seeds one per prompt
     * @param onStep takes the number of steps done
     * @throws org.imagerl.spi.UserException if the batch certainly does not fit into the memory that is free
     */
    public Trajectories sample(NDManager manager, List<Prompt> prompts, long[] seeds, Keep keep, IntConsumer onStep) {
        return sample(manager, prompts, Seeds.own(seeds), keep, onStep);
    }

    /** The same, where samples of a prompt may begin with the same noise. */
    public Trajectories sample(NDManager manager, List<Prompt> prompts, Seeds seeds, Keep keep, IntConsumer onStep) {
        if (checked.getAndUpdate(largest -> Math.max(largest, prompts.size())) < prompts.size()) {
            policy.requireMemory(prompts.size());
        }
        return Gradients.off(() -> policy.with(weights, () -> {
            if (image != null) {
                return fromImage(manager, prompts, seeds, keep, onStep);
            }
            Branches branches = Branches.of(prompts, seeds);
            int apart = branches.any() ? firstNoisy() : 0;
            Trajectories trajectories = apart == 0
                    ? begun(manager, prompts, start(manager, seeds.start()), null)
                    : branched(manager, branches, apart, onStep);
            walk(trajectories, manager, seeds.steps(), apart, kernel.steps(), keep, onStep, null);
            return trajectories;
        }));
    }

    private Trajectories fromImage(
            NDManager manager, List<Prompt> prompts, Seeds seeds, Keep keep, IntConsumer onStep) {
        try (NDManager scratch = manager.newSubManager()) {
            Beginning beginning = Beginning.of(
                    scratch, policy, kernel, Objects.requireNonNull(image), first, seeds.start(), latentShape);
            NDArray state = beginning.state();
            state.attach(manager);
            Trajectories made = begun(manager, prompts, state, beginning.maskedImage());
            walk(made, manager, seeds.steps(), first, kernel.steps(), keep, onStep, beginning);
            return made;
        }
    }

    private Trajectories begun(NDManager manager, List<Prompt> prompts, NDArray state, @Nullable NDArray maskedImage) {
        Conditioning conditioning = owned(manager, policy, prompts);
        if (maskedImage != null) {
            maskedImage.attach(manager);
            conditioning = withMaskedImage(conditioning, maskedImage);
        }
        List<@Nullable NDArray> states = new ArrayList<>(Collections.nCopies(kernel.steps() + 1, null));
        List<@Nullable NDArray> densities = new ArrayList<>(Collections.nCopies(kernel.steps(), null));
        List<@Nullable NDArray> noises = new ArrayList<>(Collections.nCopies(kernel.steps(), null));
        states.set(image == null ? 0 : first, state);
        return new Trajectories(kernel, prompts, conditioning, states, densities, noises);
    }

    private NDArray start(NDManager manager, long[] seeds) {
        NDArray noise = noise(manager, seeds);
        if (kernel.startStd() == 1) {
            return noise;
        }
        try (noise) {
            NDArray scaled = Kernels.scale(noise, kernel.startStd());
            scaled.attach(manager);
            return Scope.keep(scaled);
        }
    }

    /** All samples at the step where they part, from trunks that were walked once. */
    private Trajectories branched(NDManager manager, Branches branches, int apart, IntConsumer onStep) {
        try (NDManager scratch = manager.newSubManager()) {
            Trajectories trunks = begun(scratch, branches.prompts(), start(scratch, branches.starts()), null);
            walk(trunks, scratch, branches.starts(), 0, apart, Keep.LAST, onStep, null);
            Trajectories all = trunks.rows(manager, branches.trunks());
            all.conditioning().positive().values().forEach(Scope::keep);
            all.conditioning().negative().values().forEach(Scope::keep);
            Scope.keep(all.state(apart));
            return all;
        }
    }

    /** The number of steps before the first that adds noise. */
    private int firstNoisy() {
        int step = 0;
        while (step < kernel.steps() && !noisy(step)) {
            step++;
        }
        return step;
    }

    /** Some steps; kernels with a history have no noise, so that a walk that goes on after the first noisy step needs none. */
    private void walk(
            Trajectories trajectories,
            NDManager manager,
            long[] seeds,
            int from,
            int to,
            Keep keep,
            IntConsumer onStep,
            @Nullable Beginning beginning) {
        History history = new History(manager);
        for (int step = from; step < to; step++) {
            advance(trajectories, manager, seeds, step, keep, history, beginning);
            dropUnneeded(trajectories, step, keep);
            onStep.accept(step + 1 - first);
        }
        history.close();
    }

    private void dropUnneeded(Trajectories trajectories, int step, Keep keep) {
        if (keep == Keep.LAST || !(noisy(step) || noisy(step - 1))) {
            Objects.requireNonNull(trajectories.states().set(step, null)).close();
        }
    }

    private boolean noisy(int step) {
        return step >= 0 && kernel.std(step) > 0;
    }

    private static Conditioning owned(NDManager manager, GuidedPolicy policy, List<Prompt> prompts) {
        Conditioning[] kept = new Conditioning[1];
        Scope.run(() -> {
            Conditioning encoded = policy.encode(prompts);
            kept[0] = new Conditioning(owned(manager, encoded.positive()), owned(manager, encoded.negative()));
        });
        return kept[0];
    }

    private static Conditioning withMaskedImage(Conditioning conditioning, NDArray maskedImage) {
        return new Conditioning(
                with(conditioning.positive(), maskedImage),
                conditioning.guided() ? with(conditioning.negative(), maskedImage) : Map.of());
    }

    private static Map<String, NDArray> with(Map<String, NDArray> tensors, NDArray maskedImage) {
        Map<String, NDArray> more = new TreeMap<>(tensors);
        more.put(Pipeline.MASKED_IMAGE, maskedImage);
        return more;
    }

    private static Map<String, NDArray> owned(NDManager manager, Map<String, NDArray> tensors) {
        Map<String, NDArray> owned = new TreeMap<>();
        tensors.forEach((name, tensor) -> {
            tensor.attach(manager);
            owned.put(name, Scope.keep(tensor));
        });
        return owned;
    }

    private void advance(
            Trajectories trajectories,
            NDManager manager,
            long[] seeds,
            int step,
            Keep keep,
            History history,
            @Nullable Beginning beginning) {
        double std = kernel.std(step);
        Scope.run(() -> {
            NDArray mean = mean(step, trajectories, history);
            NDArray free = std > 0 ? Kernels.combine(mean, 1, noise(manager, stepSeeds(seeds, step)), std) : mean;
            NDArray next = beginning == null ? free : beginning.held(kernel, step, free);
            next.attach(manager);
            trajectories.states().set(step + 1, Scope.keep(next));
            if (keep != Keep.LAST && std > 0) {
                NDArray density = TransitionLikelihood.logDensity(next, mean, std);
                density.attach(manager);
                trajectories.logDensities().set(step, Scope.keep(density));
            }
            if (keep == Keep.NOISE && std > 0) {
                // Not the noise that was drawn: what is left of it after rounding, so that training finds the same
                // number to the bit.
                NDArray noise = TransitionLikelihood.noise(next, mean, std);
                noise.attach(manager);
                trajectories.noises().set(step, Scope.keep(noise));
            }
        });
    }

    /** With the weights that sample, which are in force. */
    private NDArray mean(int step, Trajectories trajectories, History history) {
        double[] timesteps = new double[trajectories.size()];
        Arrays.fill(timesteps, kernel.timestep(step));
        NDArray latents = trajectories.state(step);
        NDArray output = policy.output(latents, timesteps, trajectories);
        TransitionKernel.Advance advance = kernel.advance(step, latents, output, history.arrays());
        history.replace(advance.history());
        return advance.mean();
    }

    private static long[] stepSeeds(long[] seeds, int step) {
        long[] stepSeeds = new long[seeds.length];
        for (int i = 0; i < seeds.length; i++) {
            stepSeeds[i] = new RandomStreams(seeds[i]).seed("step noise", step);
        }
        return stepSeeds;
    }

    private NDArray noise(NDManager manager, long[] seeds) {
        Shape shape = new Shape(1, latentShape[0], latentShape[1], latentShape[2]);
        NDArray all = Scope.of(() -> {
            NDList rows = new NDList();
            for (long seed : seeds) {
                rows.add(Kernels.randn(manager, seed, shape));
            }
            return NDArrays.concat(rows, 0);
        });
        return Scope.keep(all);
    }

    /** One batch of several, as new arrays of the manager. */
    public static Trajectories concat(NDManager manager, List<Trajectories> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        Trajectories first = parts.get(0);
        List<Prompt> prompts =
                parts.stream().flatMap(part -> part.prompts().stream()).toList();
        List<Conditioning> given =
                parts.stream().map(Trajectories::conditioning).toList();
        Conditioning conditioning = new Conditioning(
                joinMaps(manager, given.stream().map(Conditioning::positive).toList()),
                joinMaps(manager, given.stream().map(Conditioning::negative).toList()));
        return new Trajectories(
                first.kernel(),
                prompts,
                conditioning,
                joinLists(manager, parts.stream().map(Trajectories::states).toList()),
                joinLists(
                        manager, parts.stream().map(Trajectories::logDensities).toList()),
                joinLists(manager, parts.stream().map(Trajectories::noises).toList()));
    }

    private static Map<String, NDArray> joinMaps(NDManager manager, List<Map<String, NDArray>> parts) {
        Map<String, NDArray> joined = new TreeMap<>();
        for (String name : parts.get(0).keySet()) {
            joined.put(
                    name,
                    join(
                            manager,
                            parts.stream()
                                    .map(part -> Objects.requireNonNull(part.get(name)))
                                    .toList()));
        }
        return joined;
    }

    private static List<@Nullable NDArray> joinLists(NDManager manager, List<List<@Nullable NDArray>> parts) {
        List<@Nullable NDArray> joined = new ArrayList<>();
        for (int i = 0; i < parts.get(0).size(); i++) {
            List<NDArray> arrays = new ArrayList<>();
            for (List<@Nullable NDArray> part : parts) {
                NDArray array = part.get(i);
                if (array != null) {
                    arrays.add(array);
                }
            }
            joined.add(arrays.isEmpty() ? null : join(manager, arrays));
        }
        return joined;
    }

    /** Concatenates and closes the parts. */
    private static NDArray join(NDManager manager, List<NDArray> parts) {
        NDArray joined = NDArrays.concat(new NDList(parts), 0);
        joined.attach(manager);
        Scope.keep(joined);
        parts.forEach(NDArray::close);
        return joined;
    }
}
