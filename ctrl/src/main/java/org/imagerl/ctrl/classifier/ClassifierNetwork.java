package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;

/** Makes logits of what a classifier sees. */
interface ClassifierNetwork {

    /**
     * Logits by control, {@code [B, classes]}.
     *
     * @param seen float32: images {@code [B, 3, H, W]} in 0..1, or vectors {@code [B, width]}
     */
    Map<String, NDArray> logits(NDArray seen);

    /** Sets what follows from the training images alone, before it is trained; by default there is nothing. */
    default void measure(ClassifierInput inputs, NDManager manager, int... training) {}
}
