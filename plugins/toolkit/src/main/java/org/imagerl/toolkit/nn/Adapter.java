package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;

/**
 * A low-rank adapter on one layer: adds {@code scale up(down(x))}.
 *
 * @param down float32 {@code [r, in]} or {@code [r, in, kh, kw]}
 * @param up float32 {@code [out, r]} or {@code [out, r, 1, 1]}
 * @param scale alpha / r
 */
public record Adapter(NDArray down, NDArray up, double scale) {}
