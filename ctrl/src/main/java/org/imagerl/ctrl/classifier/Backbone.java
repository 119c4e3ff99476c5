package org.imagerl.ctrl.classifier;

import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.control.Control;
import org.imagerl.toolkit.nn.Network;

/** What the linear layers of a classifier stand on. */
sealed interface Backbone {

    /** The network, whose weights are declared at a place. */
    ClassifierNetwork declare(Network network, List<Control> controls);

    /**
     * A small residual network of ours, trained with them.
     *
     * @param channels of its first block, a multiple of 8
     * @param strides of its blocks
     * @param input what the first block sees
     */
    record Residual(int channels, List<Integer> strides, Input input) implements Backbone {
        /** Those of the published classifier. */
        static final List<Integer> PUBLISHED_STRIDES = List.of(1, 2, 2);

        @Override
        public ClassifierNetwork declare(Network network, List<Control> controls) {
            return new ResidualNetwork(network, controls, this);
        }
    }

    /**
     * The vectors of a frozen model, which has no gradient.
     *
     * @param settings JSON of the part that makes them
     * @param base relative paths in the settings are relative to this, which is relative to the classifier's folder
     * @param width numbers in a vector
     * @param files SHA-256 of what they depend on, by path relative to the classifier's folder
     */
    record Frozen(String settings, String base, int width, Map<String, String> files) implements Backbone {
        @Override
        public ClassifierNetwork declare(Network network, List<Control> controls) {
            return new LinearNetwork(network, controls, width);
        }
    }
}
