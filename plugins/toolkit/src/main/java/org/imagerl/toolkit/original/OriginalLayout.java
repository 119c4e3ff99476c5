package org.imagerl.toolkit.original;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Where the weights of a network are in the layout of the model's own code. */
@FunctionalInterface
public interface OriginalLayout {

    /** Makes the layout of a network of its weights with their shapes. */
    @FunctionalInterface
    interface Maker extends Function<Map<String, Shape>, OriginalLayout> {
        /** Every weight is a tensor of the same name. */
        Maker SAME = declared -> OriginalKey::of;

        /**
         * The same where some tensors are there that no weight needs.
         *
         * @param ends of their names
         */
        default Maker ignoring(String... ends) {
            return declared -> new Ignoring(apply(declared), List.of(ends));
        }
    }

    /** The place of a weight. */
    OriginalKey of(String key);

    /** Whether a tensor is there that no weight needs. */
    default boolean ignores(String tensor) {
        return false;
    }

    /** See {@link Maker#ignoring}. */
    record Ignoring(OriginalLayout layout, List<String> ends) implements OriginalLayout {
        @Override
        public OriginalKey of(String key) {
            return layout.of(key);
        }

        @Override
        public boolean ignores(String tensor) {
            return ends.stream().anyMatch(tensor::endsWith) || layout.ignores(tensor);
        }
    }
}
