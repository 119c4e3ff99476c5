package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import org.imagerl.spi.metric.Metrics;

/**
 * What one pass of an objective gives.
 *
 * @param value float32 or float64 scalar to minimise, the mean over the samples of the micro-batch, with its graph
 * @param metrics numbers of the micro-batch for the log
 */
public record Loss(NDArray value, Metrics metrics) {}
