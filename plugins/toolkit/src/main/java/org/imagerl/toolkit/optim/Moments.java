package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** The memory of AdamW, the moving means of gradients and of their squares, and how a step uses it. */
interface Moments {

    /** Makes moments, which are zero at first. */
    @FunctionalInterface
    interface Kind {
        /** For float32 parameters by name, in a manager. */
        Moments of(AdamW.Settings settings, SortedMap<String, NDArray> parameters, NDManager manager);
    }

    /**
     * Moves parameters, and the moments of these.
     *
     * @param names of the parameters that are moved
     * @param gradients float32 of the shapes of their parameters, by name
     * @param steps the number of this step, from 1
     */
    void step(List<String> names, Map<String, NDArray> gradients, double learningRate, long steps);

    /** All of the memory, by name. */
    Map<String, NDArray> tensors();
}
