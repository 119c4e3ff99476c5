package org.imagerl.spi;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.imagerl.spi.metric.Metrics;
import org.jspecify.annotations.Nullable;

/**
 * Turns trajectories and advantages into a loss. The loop runs {@code passes} forward and backward passes per
 * micro-batch, adds the gradients (each weighted so that the sum is the mean over samples and passes), and knows
 * nothing else of it. In a run with several workers {@link #loss}, {@link #passes} and {@link #backward} are called by
 * several threads at a time, each with a micro-batch of its own; so are the parts of a recipe.
 */
public interface Objective extends AutoCloseable {

    /**
     * What must hold for the objective to make sense; checked before anything runs.
     *
     * @param density whether transitions must have a density (stochastic dynamics), and are stored with it
     * @param noise whether the states before and after steps that add noise are stored, and that noise
     * @param weights the weights that must be kept beside the current ones
     * @param onPolicy whether rollouts are used up by one update: it makes sense for the weights that sampled alone
     * @param path whether every state of the way is stored, also where no noise is added; then each step must be a transition of its own
     */
    record Needs(boolean density, boolean noise, Set<WeightSet> weights, boolean onPolicy, boolean path) {
        /** Nothing. */
        public static final Needs NONE = new Needs(false, false, Set.of());

        public Needs {
            weights = Set.copyOf(weights);
        }

        /** The needs of both together. */
        public Needs and(Needs other) {
            Set<WeightSet> all = new HashSet<>(weights);
            all.addAll(other.weights);
            return new Needs(
                    density || other.density,
                    noise || other.noise,
                    all,
                    onPolicy || other.onPolicy,
                    path || other.path);
        }

        /** Without the states of steps that add no noise. */
        public Needs(boolean density, boolean noise, Set<WeightSet> weights, boolean onPolicy) {
            this(density, noise, weights, onPolicy, false);
        }

        /** With any number of updates. */
        public Needs(boolean density, boolean noise, Set<WeightSet> weights) {
            this(density, noise, weights, false);
        }
    }

    /** What must hold for the objective to make sense. */
    Needs needs();

    /**
     * Makes sure that a prompt can be trained on.
     *
     * @throws UserException if it cannot, with the reason
     */
    default void check(Prompt prompt) {}

    /**
     * Makes sure that images of a size can be trained on. By default all sizes can.
     *
     * @param width of the images that will be made, in pixels
     * @param height of the images that will be made, in pixels
     * @throws UserException if they cannot, naming both sizes and the remedy
     */
    default void checkSize(int width, int height) {}

    /**
     * Makes sure that the latents of a checkpoint can be trained on. By default all can.
     *
     * @throws UserException if they cannot, naming what was expected
     */
    default void checkLatents(LatentSpace space) {}

    /**
     * Makes sure that it fits rollouts of so many steps. By default it fits all.
     *
     * @throws UserException if it does not, with the reason
     */
    default void checkSteps(int steps) {}

    /**
     * Makes sure that it fits the steps of rollouts, as they lie on the checkpoint's schedule in some epoch. By default it fits all.
     *
     * @throws UserException if it does not, with the reason
     */
    default void check(TransitionKernel rollouts) {}

    /** Files that what is learned depends on, as classifiers: their hashes are written into the run's provenance. By default none. */
    default List<Path> files() {
        return List.of();
    }

    /**
     * An adapter that is asked beside the one that is trained.
     *
     * @param lora a LoRA file, or a folder with one
     * @param scale by which it is multiplied
     */
    record Teacher(Path lora, double scale) {}

    /** Whose outputs {@link WeightSet#TEACHER} is to give. By default nobody's. */
    default @Nullable Teacher teacher() {
        return null;
    }

    /** Whether it has gradients at all: if not, no weight changes, and what an optimiser does without gradients is not done. */
    default boolean trains() {
        return true;
    }

    /** The look at a whole update that it needs before the gradients of the update; null is none. */
    default @Nullable UpdateSurvey survey() {
        return null;
    }

    /**
     * Whether it is derived for transitions that are Gaussian, so that it does not go with another {@link StepNoise}.
     * By default it is where it asks for the density or the noise of steps.
     */
    default boolean needsGaussian() {
        return needs().density() || needs().noise();
    }

    /** What its losses are means over, which no micro-batch splits. By default samples. */
    default TrainingUnit unit() {
        return TrainingUnit.SAMPLE;
    }

    /**
     * Whether the policy may be trained with another guidance than the rollouts had ({@code algorithm.guidance}): it asks for the outputs of the denoiser on
     * finished images with noise, and not for the steps by which those were made. By default it may not.
     */
    default boolean trainsWithAnyGuidance() {
        return false;
    }

    /**
     * Whether it maximises the rewards, which it gets as advantages. If not, rewards are only watched, advantages mean nothing, and an
     * image that a reward cannot score is trained on like any other. By default it does.
     */
    default boolean maximisesRewards() {
        return true;
    }

    /**
     * What it makes of the advantages of an epoch, once, before its updates and before they are clamped and scaled. By default nothing.
     *
     * @param groups the group of each sample ({@link Prompt#id})
     * @param rewards a reward per sample, NaN where there is none
     */
    default Advantages credit(List<String> groups, double[] rewards, Advantages advantages) {
        return advantages;
    }

    /** Number of forward-backward passes for one micro-batch, for instance one per trained step. By default none: all is in {@link #backward}. */
    default int passes(Batch batch) {
        return 0;
    }

    /** Calls of the denoiser in a pass beside the one that is differentiated, where they are known beforehand. */
    default int furtherCalls() {
        return 0;
    }

    /**
     * The loss of one pass, or those of its terms that the batch says, recorded for differentiation. Called with
     * gradients on, for as many passes as there are. An objective without penalties that stand apart is only asked for
     * all terms.
     */
    default Loss loss(Policy policy, Batch batch, int pass) {
        throw new IllegalStateException("there are no passes");
    }

    /**
     * Gradients that the objective adds by itself, before the passes: what is no mean of losses that stand side by side, as
     * back-propagation through the sampler. By default none. Called with gradients off.
     *
     * @param weight factor of all that is added, so that the micro-batches of an update make a mean over samples
     * @return numbers for the log; empty if nothing was added
     */
    default Metrics backward(Policy policy, Batch batch, double weight) {
        return new Metrics();
    }

    /** Frees native memory; the run that made it closes it at its end. By default there is none. */
    @Override
    default void close() {}
}
