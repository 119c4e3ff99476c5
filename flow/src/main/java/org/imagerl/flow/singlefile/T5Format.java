package org.imagerl.flow.singlefile;

import java.util.List;
import java.util.Optional;
import org.imagerl.latent.checkpoint.ConfigJson;
import org.imagerl.latent.source.ComponentFormat;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.toolkit.original.OriginalKey;
import org.imagerl.toolkit.original.OriginalLayout;
import org.imagerl.toolkit.original.TensorGroup;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import tools.jackson.databind.node.ObjectNode;

/** A T5 text encoder in a single file, with the names of transformers. All its sizes follow from shapes. */
record T5Format() implements ComponentFormat {
    private static final String[] PREFIXES = {"text_encoders.t5xxl.transformer.", ""};
    private static final String BLOCK = "encoder.block.0.layer.";
    private static final String MARK = BLOCK + "0.SelfAttention.q.weight";
    private static final String SHARED = "shared.weight";
    private static final String OWN = "encoder.embed_tokens.weight";

    @Override
    public Optional<Found> find(SafetensorsFile file) {
        return TensorGroup.with(file, MARK, PREFIXES).map(group -> {
            String tokens = group.has(OWN) ? OWN : SHARED;
            return new Found(group.prefix(), layout(tokens), config(group, tokens));
        });
    }

    @Override
    public String prefix() {
        return PREFIXES[0];
    }

    @Override
    public OriginalLayout.Maker layout() {
        return layout(SHARED);
    }

    /** The encoder uses its own token embedding where a file has one beside the one that a decoder shares. */
    private static OriginalLayout.Maker layout(String tokens) {
        OriginalLayout.Maker names = declared -> key -> OriginalKey.of(key.equals(SHARED) ? tokens : key);
        OriginalLayout.Maker encoder = names.ignoring("logit_scale", "lm_head.weight");
        return tokens.equals(SHARED) ? encoder : encoder.ignoring(SHARED);
    }

    private static ObjectNode config(TensorGroup file, String tokens) {
        boolean gated = file.has(BLOCK + "1.DenseReluDense.wi_0.weight");
        String bias = BLOCK + "0.SelfAttention.relative_attention_bias.weight";
        int heads = file.size(bias, 1);
        ObjectNode node = StrictJson.newObject();
        ConfigJson.strings(node, "architectures", List.of("T5EncoderModel"));
        node.put("d_ff", file.size(BLOCK + "1.DenseReluDense." + (gated ? "wi_0" : "wi") + ".weight", 0));
        node.put("d_kv", Math.max(1, file.size(MARK, 0) / heads));
        node.put("d_model", file.size(tokens, 1));
        node.put("feed_forward_proj", gated ? "gated-gelu" : "relu");
        node.put("layer_norm_epsilon", 1e-6);
        node.put("model_type", "t5");
        node.put("num_heads", heads);
        node.put("num_layers", file.count("encoder\\.block\\.(\\d{1,4})\\."));
        node.put("relative_attention_max_distance", 128);
        node.put("relative_attention_num_buckets", file.size(bias, 0));
        node.put("vocab_size", file.size(tokens, 0));
        return node;
    }
}
