package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Mixture;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
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
        NOISE,
        /** And the states of steps without noise. */
        PATH
    }

    private final GuidedPolicy policy;
    private final TransitionKernel kernel;
    private final long[] latentShape;
    private final WeightSet weights;

    /** What samples begin with instead of noise alone. */
    private final @Nullable ImageStarts images;

    /** What leads the samples in the place of the policy, or null. */
    private final @Nullable Hinted hinted;

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
        this(policy, kernel, latentShape, weights, null);
    }

    /**
     * @param kernel of the steps that are made
     * @param latentShape {@code [c, h, w]}
     * @param weights that sample
     * @param images that samples begin with, or null
     */
    public Sampler(
            GuidedPolicy policy,
            TransitionKernel kernel,
            long[] latentShape,
            WeightSet weights,
            @Nullable ImageStarts images) {
        this(policy, kernel, latentShape, weights, images, null);
    }

    /**
     * For samples that something else leads.
     *
     * @param images that samples begin with, or null
     * @param hinted what leads them, or null; it goes without {@code images} and without noise that samples share
     */
    public Sampler(
            GuidedPolicy policy,
            TransitionKernel kernel,
            long[] latentShape,
            WeightSet weights,
            @Nullable ImageStarts images,
            @Nullable Hinted hinted) {
        this.hinted = hinted;
        this.images = images;
        this.weights = weights;
        this.policy = policy;
        this.kernel = kernel;
        this.latentShape = latentShape.clone();
    }

    /** Denoiser calls per sample. */
    int calls() {
        return kernel.steps();
    }

    /**
     * Samples latents.
     *
     * @param manager owns the result
     * @param seeds one per prompt
     * @param onStep takes the number of steps done
     * @throws IllegalArgumentException if there are not as many seeds as prompts
     * @throws org.imagerl.spi.UserException if the batch certainly does not fit into the memory that is free
     */
    public Trajectories sample(NDManager manager, List<Prompt> prompts, long[] seeds, Keep keep, IntConsumer onStep) {
        return sample(manager, prompts, Seeds.own(seeds), keep, onStep);
    }

    /** The same, where samples of a prompt may begin with the same noise. */
    public Trajectories sample(NDManager manager, List<Prompt> prompts, Seeds seeds, Keep keep, IntConsumer onStep) {
        if (seeds.start().length != prompts.size()) {
            throw new IllegalArgumentException(
                    seeds.start().length + " seeds for " + prompts.size() + " prompts; give one seed for each prompt");
        }
        if (checked.getAndUpdate(largest -> Math.max(largest, prompts.size())) < prompts.size()) {
            policy.requireMemory(prompts.size());
        }
        return Gradients.off(() -> policy.with(weights, () -> {
            if (images != null) {
                List<ImageStart> starts = prompts.stream().map(images.of()).toList();
                return fromImages(manager, prompts, starts, seeds, keep, onStep);
            }
            Branches branches = Branches.of(prompts, seeds);
            // Each sample has a path of its own where all states are kept.
            int apart = branches.any() && keep != Keep.PATH ? firstNoisy() : 0;
            Trajectories trajectories = apart == 0
                    ? begun(manager, prompts, start(manager, seeds.start()), null)
                    : branched(manager, branches, apart, onStep);
            if (hinted == null) {
                walk(keep, null).make(trajectories, manager, seeds.steps(), apart, kernel.steps(), onStep);
            } else {
                led(hinted, trajectories, keep, manager, seeds, onStep);
            }
            return trajectories;
        }));
    }

    private Trajectories fromImages(
            NDManager manager,
            List<Prompt> prompts,
            List<ImageStart> starts,
            Seeds seeds,
            Keep keep,
            IntConsumer onStep) {
        try (NDManager scratch = manager.newSubManager()) {
            Beginning beginning = Beginning.of(scratch, policy, kernel, starts, seeds.start(), latentShape);
            NDArray state = Scope.keep(beginning.state());
            state.attach(manager);
            Trajectories made = begun(manager, prompts, state, beginning.maskedImage());
            walk(keep, beginning).make(made, manager, seeds.steps(), 0, kernel.steps(), onStep);
            return made;
        }
    }

    private void led(
            Hinted by, Trajectories trajectories, Keep keep, NDManager manager, Seeds seeds, IntConsumer onStep) {
        try (NDManager scratch = manager.newSubManager()) {
            Trajectories leading = Hinted.led(trajectories, by.conditioning(scratch, trajectories.prompts()));
            Walk walk = new Walk(policy, kernel, latentShape, keep, null, new Walk.Lead(by.policy(), leading));
            Hinted.Start start = by.start();
            if (start != null) {
                NDArray image = start.latents(scratch, policy, trajectories.prompts());
                NDArray noise = Noise.of(scratch, seeds.start(), latentShape);
                walk.hold(trajectories, manager, step -> noised(image, noise, step), start.step(), onStep);
            }
            int first = start == null ? 0 : start.step();
            walk.make(trajectories, manager, seeds.steps(), first, kernel.steps(), onStep);
        }
    }

    private NDArray noised(NDArray image, NDArray noise, int step) {
        Mixture mixture = kernel.mixture(step);
        return Kernels.combine(image, mixture.alpha(), noise, mixture.sigma());
    }

    private Walk walk(Keep keep, @Nullable Beginning beginning) {
        return new Walk(policy, kernel, latentShape, keep, beginning, null);
    }

    private Trajectories begun(NDManager manager, List<Prompt> prompts, NDArray state, @Nullable NDArray maskedImage) {
        Conditioning conditioning = OwnedConditioning.of(manager, policy, prompts, maskedImage);
        List<@Nullable NDArray> states = new ArrayList<>(Collections.nCopies(kernel.steps() + 1, null));
        List<@Nullable NDArray> densities = new ArrayList<>(Collections.nCopies(kernel.steps(), null));
        List<@Nullable NDArray> noises = new ArrayList<>(Collections.nCopies(kernel.steps(), null));
        states.set(0, state);
        return new Trajectories(kernel, prompts, conditioning, states, densities, noises);
    }

    private NDArray start(NDManager manager, long[] seeds) {
        NDArray noise = Noise.of(manager, seeds, latentShape);
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
            walk(Keep.LAST, null).make(trunks, scratch, branches.starts(), 0, apart, onStep);
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
        while (step < kernel.steps() && kernel.std(step) == 0) {
            step++;
        }
        return step;
    }
}
