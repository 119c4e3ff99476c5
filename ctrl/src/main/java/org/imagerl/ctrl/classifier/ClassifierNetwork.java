package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;

/** Maps the input of a classifier to logits. */
interface ClassifierNetwork {

    /**
     * Logits by control, {@code [B, classes]}.
     *
     * @param seen float32: images {@code [B, 3, H, W]} in 0..1, or vectors {@code [B, width]}
     */
    Map<String, NDArray> logits(NDArray seen);

    /** Sets values that depend on the training images alone, before the training; by default there are none. */
    default void measure(ClassifierInput inputs, NDManager manager, int... training) {}
}
