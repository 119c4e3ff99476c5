package org.imagerl.flow.t5;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.toolkit.nn.Embedding;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.nn.RmsNorm;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The encoder of T5 (Raffel et al., Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer, 2019, arXiv
 * 1910.10683, section 2.1). Activations have the dtype of the weights, which must not be float16: its sums overflow.
 */
public final class T5Encoder {
    private static final String SHARED = "shared.weight";
    private static final String OWN = "encoder.embed_tokens.weight";
    private static final double INITIAL_STD = 1;

    private final Embedding tokens;
    private final RelativePositions positions;
    private final List<T5Layer> layers = new ArrayList<>();
    private final RmsNorm finalNorm;

    /**
     * Declares the weights.
     *
     * @param network empty; to be filled before the first call
     */
    public T5Encoder(ParameterStore network, T5Config config) {
        ParameterScope encoder = network.root().at("encoder");
        tokens = network.root().at("shared").embedding(config.vocabSize(), config.width(), INITIAL_STD);
        positions = new RelativePositions(encoder.at("block.0.layer.0.SelfAttention.relative_attention_bias"), config);
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new T5Layer(encoder.at("block").at(i).at("layer"), config));
        }
        finalNorm = encoder.at("final_layer_norm").rmsNorm(config.width(), config.normEps());
    }

    /**
     * From keys of a file to keys of this network. The token embedding is shared with a decoder or the encoder's own; where a file has
     * both, the encoder uses its own. Whole T5 models hold a decoder too, which is not for us.
     *
     * @param names all keys of the file
     */
    public static UnaryOperator<String> keys(Collection<String> names) {
        boolean own = names.contains(OWN);
        return key -> {
            if (key.equals(own ? OWN : SHARED)) {
                return SHARED;
            }
            boolean other = key.equals(SHARED) || key.startsWith("decoder.") || key.equals("lm_head.weight");
            return other ? "" : key;
        };
    }

    /**
     * Encodes prompts; differentiable. All tokens see all, padding included, as the published models are trained.
     *
     * @param ids int64 {@code [B, L]} in 0..vocabSize - 1
     * @return {@code [B, L, E]}, dtype of the weights
     */
    public NDArray forward(NDArray ids) {
        return Scope.of(() -> {
            // A copy, because the graph of a table look-up keeps the indices, and theirs may be memory of the Java
            // heap.
            NDArray state = tokens.apply(ids.duplicate());
            NDArray bias = positions.bias(ids.getManager(), (int) ids.getShape().get(1));
            for (T5Layer layer : layers) {
                state = layer.apply(state, bias);
            }
            return finalNorm.apply(state);
        });
    }
}
