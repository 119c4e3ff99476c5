package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recipe part: which updates are stopped. */
public interface TrustRegion {

    /**
     * The samples of a micro-batch at one step.
     *
     * @param logRatio floating point {@code [B]} with its graph, per element of the latent
     * @param advantages {@code [B]} in its dtype, constants
     * @param elements number of elements of a latent, for ranges given as a band of the total log-density
     * @param evaluation that the ratio was computed from; null where a ratio stands for itself
     * @param groups the group of each sample ({@link Prompt#id}); null where that does not matter
     * @param marks what {@link Survey#marks} gave each sample at this step, NaN for none; null without a survey
     */
    record Pass(
            NDArray logRatio,
            NDArray advantages,
            long elements,
            Likelihood.@Nullable Evaluation evaluation,
            @Nullable List<String> groups,
            double @Nullable [] marks) {

        /** Of ratios alone. */
        public Pass(NDArray logRatio, NDArray advantages, long elements) {
            this(logRatio, advantages, elements, null, null, null);
        }
    }

    /**
     * The surrogate to minimise.
     *
     * @param loss {@code [B]} in the dtype of the ratio, with its graph
     * @param clippedShare share of samples whose gradient is stopped, 0..1
     * @param aboveShare share of samples whose ratio is above the region, whatever their advantage, 0..1
     * @param belowShare share of samples whose ratio is below the region, 0..1
     */
    record Surrogate(NDArray loss, double clippedShare, double aboveShare, double belowShare) {}

    /**
     * The surrogate loss of a pass, which is minimised. Where every ratio is 1, and nothing is marked, nothing is
     * stopped: the gradient of a sample's loss is minus its advantage (of a region that compares the samples of a
     * group, where their advantages add up to 0).
     */
    Surrogate surrogate(Pass pass);

    /** What a trust region decides for a whole update at once. */
    interface Survey {

        /** Weights under which the sampled steps are evaluated too; null is none. */
        default @Nullable WeightSet compared() {
            return null;
        }

        /** As {@link UpdateSurvey#marks}. */
        double[] marks(List<UpdateSurvey.Pair> pairs, long seed);
    }

    /** The look at a whole update that it needs; null is none. */
    default @Nullable Survey survey() {
        return null;
    }

    /** The samples that it needs together, which no micro-batch splits. */
    default TrainingUnit unit() {
        return TrainingUnit.SAMPLE;
    }

    /** Whether it compares transitions, so that it goes only with a likelihood that has them. */
    default boolean needsTransition() {
        return survey() != null;
    }

    /** Whether it looks at the noise of sampled steps, which then is stored. */
    default boolean needsNoise() {
        return false;
    }

    /**
     * Whether it is derived for transitions that are Gaussian, so that it does not go with another {@link StepNoise}.
     * By default it is where it looks at the noise.
     */
    default boolean needsGaussian() {
        return needsNoise();
    }

    /**
     * A line for the user about the changes that it allows with latents of so many elements; empty if there is nothing
     * to say.
     */
    default String allowance(long elements) {
        return "";
    }
}
