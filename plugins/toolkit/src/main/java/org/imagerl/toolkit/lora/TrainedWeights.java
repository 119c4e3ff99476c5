package org.imagerl.toolkit.lora;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tensors of networks in training, which can be exchanged for others. */
public interface TrainedWeights extends AutoCloseable {

    /** The trained tensors by a name that begins with the network's component: float32 leaves of any shape that require gradients. */
    SortedMap<String, NDArray> parameters();

    /**
     * Runs the body with other tensors.
     *
     * @param values by the names of {@link #parameters} and each of the same shape; null: the networks as they were before training
     */
    <T> T with(@Nullable Map<String, NDArray> values, Supplier<T> body);

    /** Takes the training off the networks. */
    @Override
    void close();
}
