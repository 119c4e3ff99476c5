package org.imagerl.ctrl.classifier;

import java.util.List;
import java.util.Objects;
import org.imagerl.ctrl.data.LabelledImages;
import org.imagerl.spi.Features;
import org.imagerl.spi.OneOf;
import org.imagerl.spi.PartConfig;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a classifier's training.
 *
 * @param data the labelled images
 * @param seed of the split, the initial weights and the order
 * @param channels of the first block, a multiple of 8; every further block has twice as many; the published one has 64
 * @param strides of the blocks, each 1 or 2; by default those of the published one, or a single 1 where the input is not the pixels
 * @param input what the first block sees
 * @param features in their place: a frozen model, on whose vectors a linear layer is trained; it has no gradient back to the image
 * @param validation share of the images that is held out
 * @param epochs passes over the others, at most
 * @param patience epochs without a lower loss on held-out images after which it stops
 * @param batch images per update
 * @param learningRate the peak
 * @param weightDecay share of the learning rate by which weights shrink per update
 */
@OneOf({"channels", "features"})
record ClassifierConfig(
        LabelledImages.Source data,
        long seed,
        @Nullable Integer channels,
        @Nullable List<Integer> strides,
        InputTransform input,
        @Nullable PartConfig<Features> features,
        double validation,
        int epochs,
        int patience,
        int batch,
        double learningRate,
        double weightDecay) {
    /** Checks the ranges. */
    public ClassifierConfig {
        require((channels == null) != (features == null), "give either channels or features");
        if (channels != null) {
            Backbone.Residual network = residual(channels, strides, input);
            if (data.width() != null && data.height() != null) {
                network.requireSize(data.width(), data.height());
            }
        }
        require(
                features == null || (strides == null && input == InputTransform.PIXELS),
                "strides and input are those of a network with channels, not of features");
        require(validation > 0 && validation < 1, "validation must be above 0 and below 1");
        require(epochs >= 1, "epochs must be at least 1");
        require(patience >= 1, "patience must be at least 1");
        require(batch >= 1, "batch must be at least 1");
        require(learningRate > 0 && Double.isFinite(learningRate), "learning_rate must be above 0");
        require(weightDecay >= 0 && Double.isFinite(weightDecay), "weight_decay must be at least 0");
    }

    /** The network of a configuration with channels. */
    Backbone.Residual residual() {
        return residual(Objects.requireNonNull(channels), strides, input);
    }

    private static Backbone.Residual residual(int channels, @Nullable List<Integer> strides, InputTransform input) {
        return new Backbone.Residual(channels, strides == null ? input.strides() : strides, input);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
