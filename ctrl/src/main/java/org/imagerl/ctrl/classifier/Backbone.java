package org.imagerl.ctrl.classifier;

import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.control.Control;
import org.imagerl.toolkit.nn.ParameterStore;

/** The part of a classifier below its linear layers. */
sealed interface Backbone {

    /** Declares the weights of the network. */
    ClassifierNetwork declare(ParameterStore network, List<Control> controls);

    /**
     * A small residual network that is trained together with them.
     *
     * @param channels of its first block, a multiple of 8; every further block has twice as many
     * @param strides of its blocks, each 1 or 2
     * @param input what the first block sees
     */
    record Residual(int channels, List<Integer> strides, InputTransform input) implements Backbone {
        private static final int MAX_CHANNELS = 512;
        private static final int MAX_BLOCKS = 6;
        private static final int MAX_WIDTH = 2048; // of the last block: 1 GB with its moments

        /** Checks the ranges. */
        public Residual {
            int blocks = strides.size();
            boolean known = blocks >= 1
                    && blocks <= MAX_BLOCKS
                    && strides.stream().allMatch(stride -> stride == 1 || stride == 2);
            require(known, "strides must be a list of 1 to " + MAX_BLOCKS + " numbers, each 1 or 2, not " + strides);
            require(
                    channels >= 1 && channels <= MAX_CHANNELS && channels % ResidualNetwork.GROUPS == 0,
                    "channels must be a multiple of " + ResidualNetwork.GROUPS + ", at most " + MAX_CHANNELS + ", not "
                            + channels);
            require(
                    channels << (blocks - 1) <= MAX_WIDTH,
                    "channels double with every block, to at most " + MAX_WIDTH + ": " + channels
                            + " channels are too many for " + blocks + " blocks");
        }

        /** Checks that images of this width and height in pixels can be classified. */
        void requireSize(int width, int height) {
            int side = input.multipleOf();
            require(
                    width % side == 0 && height % side == 0,
                    "input " + input.key() + " sees squares of " + side
                            + " pixels: width and height must be multiples of " + side + ", not " + width + " x "
                            + height);
        }

        private static void require(boolean holds, String message) {
            if (!holds) {
                throw new IllegalArgumentException(message);
            }
        }

        @Override
        public ClassifierNetwork declare(ParameterStore network, List<Control> controls) {
            return new ResidualNetwork(network, controls, this);
        }
    }

    /**
     * The features of a frozen model, which give no gradient.
     *
     * @param settings JSON of the part that makes them
     * @param base relative paths in the settings are relative to this, which is relative to the classifier's folder
     * @param width numbers in a vector
     * @param files SHA-256 of what they depend on, by path relative to the classifier's folder
     */
    record Frozen(String settings, String base, int width, Map<String, String> files) implements Backbone {
        @Override
        public ClassifierNetwork declare(ParameterStore network, List<Control> controls) {
            return new LinearNetwork(network, controls, width);
        }
    }
}
