package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Supplier;

/**
 * The trainable side of a pipeline. {@link #asReference} and {@link #with} hold for the thread that calls them alone: in a run with several workers
 * others go on with what they have.
 */
public interface Tuning extends AutoCloseable {

    /** The trained tensors by a name that is stable across runs: float32 leaves of any shape that require gradients. */
    SortedMap<String, NDArray> parameters();

    /** What the learning rate is multiplied by for a trained tensor. */
    default double learningRateFactor(String parameter) {
        return 1;
    }

    /** Runs the body with the weights before training. */
    <T> T asReference(Supplier<T> body);

    /**
     * Runs the body with other values in the place of the trained tensors. The tensors themselves are not touched, so a graph that was recorded
     * with them stays good. Values that require gradients get them.
     *
     * @param values one per name of {@link #parameters}, float32 of the same shape
     */
    <T> T with(Map<String, NDArray> values, Supplier<T> body);

    /**
     * Writes what was trained so that other tools load it: a LoRA file in the diffusers layout, or a checkpoint folder.
     *
     * @param folder an existing folder
     * @param provenance strings for the file's metadata
     * @return what was written
     */
    Path export(Path folder, Map<String, String> provenance);

    /** Takes the training off the pipeline again. */
    @Override
    void close();
}
