package org.imagerl.spi;

import ai.djl.ndarray.NDArray;

/** Recipe part: which updates are stopped. */
public interface TrustRegion {

    /**
     * The surrogate to minimise.
     *
     * @param loss float32 {@code [B]} with its graph
     * @param clippedShare share of samples whose gradient is stopped, 0..1
     * @param aboveShare share of samples whose ratio is above the region, whatever their advantage, 0..1
     * @param belowShare share of samples whose ratio is below the region, 0..1
     */
    record Surrogate(NDArray loss, double clippedShare, double aboveShare, double belowShare) {}

    /**
     * @param logRatio float32 {@code [B]} with its graph, per element of the latent
     * @param advantages float32 {@code [B]}, constants
     * @param elements number of elements of a latent, for ranges given as a band of the total log-density
     */
    Surrogate surrogate(NDArray logRatio, NDArray advantages, long elements);

    /** What it allows with latents of so many elements, a line for the user; empty if there is nothing to say. */
    default String allowance(long elements) {
        return "";
    }
}
