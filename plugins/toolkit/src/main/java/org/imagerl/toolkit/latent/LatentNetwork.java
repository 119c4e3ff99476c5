package org.imagerl.toolkit.latent;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.Embedding;
import org.imagerl.toolkit.nn.LayerNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.Parameter.Init;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.nn.TensorFiles;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * A small network that computes a number from latents and the bytes of a prompt. Convolutions turn the latents into
 * vectors of places. The bytes, with one element of their own before them, attend to these vectors and to each other,
 * so that a letter of the prompt can be compared with what is drawn where it belongs. All is float32 and
 * differentiable.
 */
final class LatentNetwork {
    /** Where the weights are that are measured of the latents and not trained. */
    static final String STATISTICS = "latents";

    /** Latents are halved until there are at most so many places. */
    private static final int MAX_PLACES = 64;

    /** 0 is no byte. */
    private static final int BYTES = 257;

    private static final double EPS = 1e-5;
    private static final double INIT = 0.02;

    /**
     * What it is made for, and how large it is.
     *
     * @param channels of the latents
     * @param height of the latents
     * @param width of the latents
     * @param features numbers at each place, a multiple of {@code heads}
     * @param layers of attention
     * @param heads of each attention
     * @param textBytes bytes of a prompt that are read, further ones are cut off; 0 if prompts do not matter
     */
    record Size(int channels, int height, int width, int features, int layers, int heads, int textBytes) {
        Size {
            if (channels < 1 || height < 1 || width < 1 || layers < 1 || textBytes < 0) {
                throw new IllegalArgumentException("channels, height, width and layers must be at least 1");
            }
            if (heads < 1 || features < heads || features % heads != 0) {
                throw new IllegalArgumentException(
                        "features must be a multiple of heads, not " + features + " and " + heads);
            }
        }

        private int halvings() {
            int halvings = 0;
            for (int h = height, w = width; h * w > MAX_PLACES && Math.min(h, w) > 1; halvings++) {
                h = (h + 1) / 2;
                w = (w + 1) / 2;
            }
            return halvings;
        }

        private int places() {
            int h = height;
            int w = width;
            for (int i = halvings(); i > 0; i--) {
                h = (h + 1) / 2;
                w = (w + 1) / 2;
            }
            return h * w;
        }
    }

    private final Size size;
    private final Parameter mean;
    private final Parameter std;
    private final Conv2d in;
    private final Conv2d second;
    private final List<Conv2d> halvings = new ArrayList<>();
    private final Parameter places;
    private final LayerNorm placesNorm;
    private final Parameter first;
    private final Embedding bytes;
    private final Parameter positions;
    private final List<Layer> layers = new ArrayList<>();
    private final LayerNorm finalNorm;
    private final Linear out;

    /**
     * Declares the weights.
     *
     * @param network empty; to be filled before the first call
     */
    LatentNetwork(ParameterStore network, Size size) {
        this.size = size;
        ParameterScope root = network.root();
        Shape perChannel = new Shape(1, size.channels(), 1, 1);
        int features = size.features();
        Init init = new Init.Normal(INIT);
        mean = root.at(STATISTICS).parameter("mean", perChannel, new Init.Constant(0));
        std = root.at(STATISTICS).parameter("std", perChannel, new Init.Constant(1));
        in = root.at("conv_in").conv2d(size.channels(), features, 3, 1, 1);
        second = root.at("conv").conv2d(features, features, 3, 1, 1);
        for (int i = 0; i < size.halvings(); i++) {
            halvings.add(root.at("halvings").at(i).conv2d(features, features, 3, 2, 1));
        }
        places = root.at("places").parameter("weight", new Shape(size.places(), features), init);
        placesNorm = root.at("places_norm").layerNorm(features, EPS);
        first = root.at("first").parameter("weight", new Shape(features), init);
        bytes = root.at("bytes").embedding(BYTES, features, INIT);
        positions = root.at("positions").parameter("weight", new Shape(1 + size.textBytes(), features), init);
        for (int i = 0; i < size.layers(); i++) {
            layers.add(new Layer(root.at("layers").at(i), features, size.heads()));
        }
        finalNorm = root.at("norm").layerNorm(features, EPS);
        out = root.at("out").linear(features, 1);
    }

    /** Sets what latents are standardised with, a number for each channel. */
    void standardise(float[] means, float... stds) {
        TensorFiles.overwrite(mean.value(), means);
        TensorFiles.overwrite(std.value(), stds);
    }

    /** What latents are divided by, float32 {@code [1, c, 1, 1]}. */
    NDArray std() {
        return std.value();
    }

    /** The bytes of prompts as the network reads them, {@code [B, textBytes]}: a byte plus 1, then zeros. */
    static long[] ids(List<Prompt> prompts, int textBytes) {
        long[] ids = new long[prompts.size() * textBytes];
        for (int i = 0; i < prompts.size(); i++) {
            byte[] text = prompts.get(i).text().getBytes(StandardCharsets.UTF_8);
            for (int j = 0; j < Math.min(text.length, textBytes); j++) {
                ids[i * textBytes + j] = 1L + (text[j] & 0xff);
            }
        }
        return ids;
    }

    /**
     * Reads numbers.
     *
     * @param latents float32 {@code [B, c, h, w]}
     * @param prompts one per sample
     * @return float32 {@code [B]}, standardised scores
     */
    NDArray apply(NDArray latents, List<Prompt> prompts) {
        return Scope.of(() -> {
            NDArray x = latents.sub(mean.value()).div(std.value());
            x = Kernels.silu(in.apply(x));
            x = x.add(Kernels.silu(second.apply(x)));
            for (Conv2d halving : halvings) {
                x = Kernels.silu(halving.apply(x));
            }
            NDArray seen = placesNorm.apply(Kernels.sequence(x).add(places.value()));
            NDArray read = text(seen, prompts);
            for (Layer layer : layers) {
                read = layer.apply(read, seen);
            }
            return out.apply(finalNorm.apply(read.mean(new int[] {1}))).reshape(-1);
        });
    }

    /** {@code [B, 1 + textBytes, features]}. */
    private NDArray text(NDArray seen, List<Prompt> prompts) {
        long batch = seen.getShape().get(0);
        NDArray alone = seen.getManager()
                .zeros(new Shape(batch, 1, size.features()), DataType.FLOAT32)
                .add(first.value());
        if (size.textBytes() == 0) {
            return alone.add(positions.value());
        }
        NDArray ids = seen.getManager()
                .create(ids(prompts, size.textBytes()), new Shape(batch, size.textBytes()))
                .duplicate();
        return alone.concat(bytes.apply(ids), 1).add(positions.value());
    }

    /** Attention from the text to the places and itself, and a feed-forward layer, each after a norm and beside the identity. */
    private static final class Layer {
        private final int heads;
        private final LayerNorm norm;
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final Linear joined;
        private final LayerNorm secondNorm;
        private final Linear widened;
        private final Linear narrowed;

        Layer(ParameterScope place, int features, int heads) {
            this.heads = heads;
            norm = place.at("norm1").layerNorm(features, EPS);
            query = place.at("query").linear(features, features);
            key = place.at("key").linear(features, features);
            value = place.at("value").linear(features, features);
            joined = place.at("out").linear(features, features);
            secondNorm = place.at("norm2").layerNorm(features, EPS);
            widened = place.at("fc1").linear(features, 4 * features);
            narrowed = place.at("fc2").linear(4 * features, features);
        }

        NDArray apply(NDArray text, NDArray seen) {
            return Scope.of(() -> {
                NDArray own = norm.apply(text);
                NDArray all = seen.concat(own, 1);
                NDArray found = Kernels.attention(query.apply(own), key.apply(all), value.apply(all), heads, false);
                NDArray read = text.add(joined.apply(found));
                return read.add(narrowed.apply(Kernels.gelu(widened.apply(secondNorm.apply(read)))));
            });
        }
    }
}
