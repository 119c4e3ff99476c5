package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/**
 * What one pass of an objective gives.
 *
 * @param value float32 scalar to minimise, the mean over the samples of the micro-batch, with its graph
 * @param metrics numbers for the log by name, each a mean over the micro-batch unless its name ends in {@code _max}
 */
public record Loss(NDArray value, Map<String, Double> metrics) {}
