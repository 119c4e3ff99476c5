package org.imagerl.latent.clip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.imagerl.toolkit.nn.Embedding;
import org.imagerl.toolkit.nn.LayerNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.Parameter.Init;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * An image tower and a text tower whose embeddings are compared by their cosine: transformers' {@code CLIPModel} or {@code SiglipModel}. All is
 * float32.
 */
public final class SimilarityModel {
    private static final double SMALLEST = 1e-12;

    private final VisionTower vision;
    private final UnaryOperator<NDArray> text;
    private final Parameter scale;
    private final @Nullable Parameter bias;

    /**
     * Declares the weights.
     *
     * @param network empty; to be filled before the first call
     */
    public SimilarityModel(ParameterStore network, SimilarityConfig config) {
        ParameterScope root = network.root();
        boolean clip = config.kind() == Similarity.CLIP;
        text = clip ? clip(network, config) : siglip(root.at("text_model"), config);
        vision = new VisionTower(root, config.vision(), config.kind(), config.width());
        Shape number = clip ? new Shape() : new Shape(1);
        scale = root.parameter("logit_scale", number, new Init.Constant(Math.log(1 / 0.07)));
        bias = clip ? null : root.parameter("logit_bias", number, new Init.Constant(0));
    }

    /** The key of a weight of a file, old or new, in this network; the empty string for what is no weight. */
    public static String currentKey(String key) {
        return key.endsWith(".embeddings.position_ids") ? "" : key;
    }

    private static UnaryOperator<NDArray> clip(ParameterStore network, SimilarityConfig config) {
        ClipTextModel model = new ClipTextModel(network, config.text());
        return ids -> model.forward(ids).projected().orElseThrow();
    }

    private static UnaryOperator<NDArray> siglip(ParameterScope place, SimilarityConfig config) {
        int width = config.textShape().width();
        Embedding tokens =
                place.at("embeddings.token_embedding").embedding(config.text().vocabSize(), width, 0.02);
        Embedding positions = place.at("embeddings.position_embedding")
                .embedding(config.text().maxPositions(), width, 0.02);
        List<ClipLayer> layers = new ArrayList<>();
        for (int i = 0; i < config.text().layers(); i++) {
            layers.add(new ClipLayer(place.at("encoder.layers").at(i), config.textShape()));
        }
        LayerNorm norm =
                place.at("final_layer_norm").layerNorm(width, config.textShape().layerNormEps());
        Linear head = place.at("head").linear(width, config.width());
        return ids -> {
            long length = ids.getShape().get(1);
            NDArray places = ids.getManager().arange(0, (int) length, 1, DataType.INT64);
            NDArray x = tokens.apply(ids.duplicate()).add(positions.apply(places));
            for (ClipLayer layer : layers) {
                x = layer.apply(x);
            }
            NDArray last = JniUtils.slice((PtNDArray) norm.apply(x), 1, length - 1, length, 1);
            return head.apply(last.reshape(-1, width));
        };
    }

    /**
     * Embeds images; differentiable.
     *
     * @param pixels float32 {@code [B, 3, S, S]}, preprocessed
     * @return float32 {@code [B, P]}, each of length 1
     */
    public NDArray images(NDArray pixels) {
        return Scope.of(() -> unit(vision.apply(pixels)));
    }

    /**
     * Embeds texts; differentiable.
     *
     * @param ids int64 {@code [B, L]}; of a SigLIP filled up to the length that it was trained with
     * @return float32 {@code [B, P]}, each of length 1
     */
    public NDArray texts(NDArray ids) {
        return Scope.of(() -> unit(text.apply(ids)));
    }

    private static NDArray unit(NDArray embeddings) {
        NDArray squares = embeddings.mul(embeddings).sum(new int[] {1}, true);
        return embeddings.div(Kernels.clamp(squares, SMALLEST, Float.MAX_VALUE).sqrt());
    }

    /** The factor of the cosine in a logit. */
    public double logitScale() {
        return Math.exp(number(scale));
    }

    /** The number that is added to a logit; 0 for a CLIP. */
    public double logitBias() {
        return bias == null ? 0 : number(bias);
    }

    private static double number(Parameter parameter) {
        double[] value = new double[1];
        Scope.run(() -> value[0] = Gradients.off(
                () -> Kernels.cast(parameter.value(), DataType.FLOAT32).sum().getFloat()));
        return value[0];
    }
}
