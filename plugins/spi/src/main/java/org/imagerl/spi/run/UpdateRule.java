package org.imagerl.spi.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;

/** A configured kind of optimiser, before it is known what it updates. */
public interface UpdateRule {

    /**
     * How many updates may be made with one rollout. A rule that is only right for gradients at the weights that
     * sampled allows 1, and a configuration with more is refused.
     */
    default int updates() {
        return Integer.MAX_VALUE;
    }

    /** Whether its optimiser wants the gradient of an update at further weights ({@link Optimiser#compared}), which did not sample the rollouts. */
    default boolean compares() {
        return false;
    }

    /**
     * Makes the optimiser of a run.
     *
     * @param parameters float32 leaves of any shape that require gradients, by name; not owned
     * @param factors what the learning rate is multiplied by, by name of the parameter
     * @param parent the optimiser's memory lives in a sub-manager of this
     */
    Optimiser over(SortedMap<String, NDArray> parameters, ToDoubleFunction<String> factors, NDManager parent);
}
