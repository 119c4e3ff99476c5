package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/** Recipe part: what log pi(sample) means. */
public interface Likelihood {

    /**
     * One evaluation.
     *
     * @param logDensity float32 {@code [B]} under the current policy, with its graph; per element of the latent
     * @param oldLogDensity float32 {@code [B]} under the policy that sampled, a constant
     * @param transition the transition it was computed from; null for likelihoods that have none
     */
    record Evaluation(
            NDArray logDensity,
            NDArray oldLogDensity,
            @Nullable Transition transition) {}

    /**
     * A transition under the current policy.
     *
     * @param step index in the chain
     * @param mean float32 {@code [B, c, h, w]} with its graph
     * @param std standard deviation per element
     */
    record Transition(int step, NDArray mean, double std) {}

    /** Whether transitions must have a density. */
    boolean needsDensity();

    /** Number of evaluations for one micro-batch. */
    int passes(Batch batch);

    /** Evaluates one pass. */
    Evaluation evaluate(Policy policy, Batch batch, int pass);
}
