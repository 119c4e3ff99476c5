package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Supplier;

/** The trainable side of a pipeline. */
public interface Tuning extends AutoCloseable {

    /** The trained tensors by a name that is stable across runs: float32 leaves that require gradients. */
    SortedMap<String, NDArray> parameters();

    /** Runs the body with the given weights, and then with the current ones again. */
    <T> T with(WeightSet weights, Supplier<T> body);

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
