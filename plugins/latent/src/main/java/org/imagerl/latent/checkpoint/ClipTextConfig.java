package org.imagerl.latent.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;

/**
 * A CLIP text encoder as its {@code config.json} describes it.
 *
 * @param vocabSize rows of the token embedding
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width inside the feed-forward layers
 * @param layers transformer layers
 * @param heads attention heads, a divisor of {@code hiddenSize}
 * @param maxPositions rows of the position embedding, the most tokens of a prompt
 * @param projectionDim width of the projected pooled embedding; used only with {@code projection}
 * @param projection whether it is a {@code CLIPTextModelWithProjection} (weight {@code text_projection.weight})
 * @param activation of the feed-forward layers
 * @param layerNormEps epsilon of every layer norm
 * @param eosTokenId the token at whose first occurrence the pooled embedding is read, see {@link #poolsAtHighestId}
 * @param warnings keys of the file that are not known, one line each
 */
public record ClipTextConfig(
        int vocabSize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int maxPositions,
        int projectionDim,
        boolean projection,
        Activation activation,
        double layerNormEps,
        int eosTokenId,
        List<String> warnings) {
    private static final int MAX_WIDTH = 1 << 16;
    private static final int MAX_TOKENS = 1 << 24;
    private static final int LEGACY_EOS = 2;

    /** Non-linearities of CLIP's feed-forward layers. */
    public enum Activation {
        /** {@code x sigmoid(1.702 x)}. */
        QUICK_GELU,
        /** {@code x Phi(x)}, exact. */
        GELU,
        /** {@code x Phi(x)}, by a hyperbolic tangent. */
        GELU_TANH
    }

    /** Keeps its own copy of the list. */
    public ClipTextConfig {
        warnings = List.copyOf(warnings);
    }

    /**
     * Whether the pooled embedding is read at the (first) highest token id instead of at {@link #eosTokenId}. So does
     * transformers for configurations that name end-of-text token 2, a wrong value that old files have.
     */
    public boolean poolsAtHighestId() {
        return eosTokenId == LEGACY_EOS;
    }

    /**
     * Reads and checks one file, with the defaults of transformers' {@code CLIPTextConfig}.
     *
     * @param path {@code text_encoder/config.json}
     * @throws UserException naming file, key and value of the first thing that is wrong or has no code here
     */
    public static ClipTextConfig read(Path path) {
        return read(ConfigFile.read(path));
    }

    /** As {@link #read(Path)}, of a description that is open already. */
    public static ClipTextConfig read(ConfigFile file) {
        return read(file, ClipTextConfig::projection, each -> each.integer("projection_dim", 512, 1, MAX_WIDTH));
    }

    /**
     * The same of the section {@code text_config} of a {@code CLIPModel}.
     *
     * @param projectionDim of the whole model
     */
    public static ClipTextConfig ofSection(ConfigFile section, int projectionDim) {
        return read(section, each -> true, each -> projectionDim);
    }

    /**
     * Refuses what has no code here; then the two keys are read that a file of its own and a section write differently.
     */
    private static ClipTextConfig read(
            ConfigFile file, Predicate<ConfigFile> projection, ToIntFunction<ConfigFile> projectionDim) {
        file.only("model_type", "clip_text_model");
        file.only("attention_dropout", 0);
        file.only("dropout", 0);
        file.only("hidden_act", "quick_gelu", "gelu");
        file.ignore("bos_token_id", "pad_token_id", "initializer_factor", "initializer_range");
        file.ignore("dtype", "torch_dtype", "transformers_version", "use_cache");
        int hiddenSize = file.integer("hidden_size", 512, 1, MAX_WIDTH);
        return new ClipTextConfig(
                file.integer("vocab_size", 49408, 1, MAX_TOKENS),
                hiddenSize,
                file.integer("intermediate_size", 2048, 1, MAX_WIDTH),
                file.integer("num_hidden_layers", 12, 1, 1024),
                heads(file, hiddenSize),
                file.integer("max_position_embeddings", 77, 1, MAX_WIDTH),
                projectionDim.applyAsInt(file),
                projection.test(file),
                activation(file),
                file.number("layer_norm_eps", 1e-5, 1e-15, 1),
                file.integer("eos_token_id", 49407, 0, MAX_TOKENS),
                file.warnings());
    }

    private static int heads(ConfigFile file, int hiddenSize) {
        int heads = file.integer("num_attention_heads", 8, 1, MAX_WIDTH);
        if (hiddenSize % heads != 0) {
            throw file.refusal("num_attention_heads", "it must divide hidden_size, " + hiddenSize);
        }
        return heads;
    }

    private static boolean projection(ConfigFile file) {
        List<String> architectures = file.texts("architectures", List.of());
        if (architectures.equals(List.of("CLIPTextModel"))) {
            return false;
        }
        if (architectures.equals(List.of("CLIPTextModelWithProjection"))) {
            return true;
        }
        throw file.refusal("architectures", "supported: [\"CLIPTextModel\"], [\"CLIPTextModelWithProjection\"]");
    }

    private static Activation activation(ConfigFile file) {
        return file.text("hidden_act", "quick_gelu").equals("gelu") ? Activation.GELU : Activation.QUICK_GELU;
    }
}
