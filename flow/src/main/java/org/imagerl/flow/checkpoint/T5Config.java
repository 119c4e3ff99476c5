package org.imagerl.flow.checkpoint;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.hub.ConfigFile;

/**
 * A T5 text encoder as its {@code config.json} describes it.
 *
 * @param vocabSize rows of the token embedding
 * @param width of the residual stream ({@code d_model})
 * @param innerWidth inside the feed-forward layers ({@code d_ff})
 * @param layers transformer layers
 * @param heads attention heads
 * @param headWidth numbers of a head ({@code d_kv}); heads x headWidth need not be the width
 * @param buckets of distances that share an attention bias
 * @param maxDistance all tokens at this distance or beyond share the last bucket
 * @param gated whether the feed-forward layers are gated by GELU (T5 1.1), or plain ReLU layers (T5)
 * @param normEps epsilon of every norm
 * @param warnings keys of the file that are not known, one line each
 */
public record T5Config(
        int vocabSize,
        int width,
        int innerWidth,
        int layers,
        int heads,
        int headWidth,
        int buckets,
        int maxDistance,
        boolean gated,
        double normEps,
        List<String> warnings) {
    private static final int MAX_WIDTH = 1 << 17;
    private static final int MAX_TOKENS = 1 << 24;

    /** Keeps its own copy of the list. */
    public T5Config {
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads and checks one file, with the defaults of transformers' {@code T5Config}.
     *
     * @param path {@code text_encoder_3/config.json}
     * @throws org.imagerl.spi.UserException naming file, key and value of the first thing that is wrong or has no code here
     */
    public static T5Config read(Path path) {
        return read(ConfigFile.read(path));
    }

    /** As {@link #read(Path)}, of a description that is open already. */
    public static T5Config read(ConfigFile file) {
        file.only("model_type", "t5");
        file.only("feed_forward_proj", "relu", "gated-gelu");
        // The first two say again what feed_forward_proj says; the rest is of the decoder or of training.
        file.ignore("dense_act_fn", "is_gated_act", "architectures", "is_encoder_decoder", "num_decoder_layers");
        file.ignore("is_decoder", "scale_decoder_outputs");
        file.ignore("decoder_start_token_id", "tie_word_embeddings", "output_past", "n_positions", "use_cache");
        file.ignore("eos_token_id", "pad_token_id", "bos_token_id", "task_specific_params", "classifier_dropout");
        file.ignore("dropout_rate", "initializer_factor", "dtype", "torch_dtype", "transformers_version");
        T5Config config = new T5Config(
                file.integer("vocab_size", 32128, 1, MAX_TOKENS),
                file.integer("d_model", 512, 1, MAX_WIDTH),
                file.integer("d_ff", 2048, 1, MAX_WIDTH),
                file.integer("num_layers", 6, 1, 1024),
                file.integer("num_heads", 8, 1, 4096),
                file.integer("d_kv", 64, 1, MAX_WIDTH),
                file.integer("relative_attention_num_buckets", 32, 4, 4096),
                file.integer("relative_attention_max_distance", 128, 2, MAX_TOKENS),
                file.text("feed_forward_proj", "relu").equals("gated-gelu"),
                file.number("layer_norm_epsilon", 1e-6, 1e-15, 1),
                file.warnings());
        config.check(file);
        return config;
    }

    private void check(ConfigFile file) {
        if (buckets % 4 != 0) {
            throw file.refusal(
                    "relative_attention_num_buckets", "expected a multiple of 4: near and far, before and after");
        }
        if (maxDistance <= buckets / 4) {
            throw file.refusal(
                    "relative_attention_max_distance",
                    "it must be above relative_attention_num_buckets / 4, " + buckets / 4);
        }
    }
}
