package org.imagerl.latent.clip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.imagerl.latent.checkpoint.ClipTextConfig;
import org.imagerl.toolkit.nn.Embedding;
import org.imagerl.toolkit.nn.LayerNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Scope;

/**
 * CLIP's text encoder (Radford et al., Learning Transferable Visual Models From Natural Language Supervision, 2021, arXiv
 * 2103.00020), transformers' {@code CLIPTextModel} or {@code CLIPTextModelWithProjection}. Activations have the dtype of the
 * weights.
 */
public final class ClipTextModel {
    /** Files of before transformers 4.31 hold this buffer, which is no weight. */
    private static final String POSITION_IDS = "text_model.embeddings.position_ids";

    /**
     * As torch's embeddings start. CLIP's own 0.02 belongs to its own small linear layers; beside layers that start as torch's do it drowns
     * which token is where, and a denoiser trained with such an encoder from nothing hardly learned to look at the prompt.
     */
    private static final double INITIAL_STD = 1;

    private final ClipTextConfig config;
    private final Embedding tokens;
    private final Embedding positions;
    private final List<ClipLayer> layers = new ArrayList<>();
    private final LayerNorm finalNorm;
    private final Optional<Linear> projection;

    /**
     * Declares the weights.
     *
     * @param network empty; to be filled before the first call
     */
    public ClipTextModel(ParameterStore network, ClipTextConfig config) {
        this.config = config;
        int width = config.hiddenSize();
        ParameterScope text = network.root().at("text_model");
        ParameterScope embeddings = text.at("embeddings");
        tokens = embeddings.at("token_embedding").embedding(config.vocabSize(), width, INITIAL_STD);
        positions = embeddings.at("position_embedding").embedding(config.maxPositions(), width, INITIAL_STD);
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new ClipLayer(text.at("encoder.layers").at(i), EncoderShape.of(config)));
        }
        finalNorm = text.at("final_layer_norm").layerNorm(width, config.layerNormEps());
        projection = config.projection()
                ? Optional.of(network.root().at("text_projection").linear(width, config.projectionDim(), false))
                : Optional.empty();
    }

    /** The key of a weight of a file, old or new, in this network; the empty string for what is no weight. */
    public static String currentKey(String key) {
        return key.equals(POSITION_IDS) ? "" : key;
    }

    /**
     * Encodes prompts; differentiable.
     *
     * @param ids int64 {@code [B, L]} in 0..vocabSize - 1, L at most maxPositions
     */
    public TextEncoding forward(NDArray ids) {
        NDArray penultimate = Scope.of(() -> allButLast(ids));
        NDArray last =
                Scope.of(() -> finalNorm.apply(layers.get(layers.size() - 1).apply(penultimate)));
        NDArray pooled = Scope.of(() -> atEnd(last, ids));
        return new TextEncoding(last, penultimate, pooled, projection.map(layer -> layer.apply(pooled)));
    }

    private NDArray allButLast(NDArray ids) {
        NDArray hidden = embed(ids);
        for (ClipLayer layer : layers.subList(0, layers.size() - 1)) {
            hidden = layer.apply(hidden);
        }
        return hidden;
    }

    private NDArray embed(NDArray ids) {
        NDArray places = ids.getManager().arange(0, (int) ids.getShape().get(1), 1, DataType.INT64);
        // A copy, because the graph of a table look-up keeps the indices, and theirs may be memory of the Java heap.
        return tokens.apply(ids.duplicate()).add(positions.apply(places));
    }

    private NDArray atEnd(NDArray last, NDArray ids) {
        long[] flat = ids.toLongArray();
        int length = (int) ids.getShape().get(1);
        long[] ends = new long[flat.length / length];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = end(flat, i * length, (i + 1) * length);
        }
        NDArray rows = last.getManager().create(ends).duplicate();
        return JniUtils.embedding((PtNDArray) rows, (PtNDArray) last.reshape(-1, config.hiddenSize()), false);
    }

    /** Where the prompt in {@code from..to - 1} ends: at the highest id or at the end-of-text token, at its start without one. */
    private int end(long[] ids, int from, int to) {
        IntStream places = IntStream.range(from, to);
        return config.poolsAtHighestId()
                ? places.reduce((best, i) -> ids[i] > ids[best] ? i : best).orElseThrow()
                : places.filter(i -> ids[i] == config.eosTokenId()).findFirst().orElse(from);
    }
}
