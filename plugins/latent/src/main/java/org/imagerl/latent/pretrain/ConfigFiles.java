package org.imagerl.latent.pretrain;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.imagerl.hub.tokenizer.CharacterVocabulary;
import org.imagerl.latent.checkpoint.ConfigJson;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Description files of a new checkpoint that are the same in all families, in the layout of diffusers. The networks are then built from these
 * files, as any checkpoint's are.
 */
public final class ConfigFiles {
    private ConfigFiles() {}

    /** Writes one file. */
    public static void save(Path file, ObjectNode content) {
        AtomicFile.writeText(file, StrictJson.indented(content) + "\n");
    }

    /** Names the class of a component in {@code model_index.json}; nulls where it has none. */
    public static void component(ObjectNode index, String key, @Nullable String library, @Nullable String type) {
        index.putArray(key).add(library).add(type);
    }

    /** The autoencoder, {@code vae/config.json}. Its scaling factor is known only when it is trained. */
    static ObjectNode vae(PretrainPlan plan) {
        PretrainPlan.Vae vae = plan.vae();
        int levels = vae.channels().size();
        ObjectNode node = ConfigJson.diffusers("AutoencoderKL").put("act_fn", "silu");
        ConfigJson.integers(node, "block_out_channels", vae.channels());
        ConfigJson.strings(node, "down_block_types", Collections.nCopies(levels, "DownEncoderBlock2D"));
        node.put("force_upcast", false);
        node.put("in_channels", 3);
        node.put("latent_channels", vae.latentChannels());
        node.put("layers_per_block", vae.layersPerBlock());
        node.put("norm_num_groups", vae.normGroups());
        node.put("out_channels", 3);
        node.put("sample_size", Math.max(plan.width(), plan.height()));
        node.put("scaling_factor", 1.0);
        // Zero is also what an absent key means, but diffusers' pipeline of SD3 adds it without asking whether it is
        // there.
        node.put("shift_factor", 0.0);
        ConfigJson.strings(node, "up_block_types", Collections.nCopies(levels, "UpDecoderBlock2D"));
        return node;
    }

    /** Puts the scaling factor into a file of {@link #vae}. */
    static void setScalingFactor(Path folder, double factor) {
        Path file = folder.resolve("vae/config.json");
        ObjectNode vae = StrictJson.object(file);
        save(file, vae.put("scaling_factor", factor));
    }

    /**
     * Writes a text encoder and its tokenizer of single characters.
     *
     * @param suffix of their folders: empty, or {@code _2} for a second one
     * @param className {@code CLIPTextModel} or {@code CLIPTextModelWithProjection}
     */
    public static void textEncoder(Path folder, String suffix, String className, PretrainPlan.TextEncoder text) {
        save(folder.resolve("text_encoder" + suffix + "/config.json"), textEncoder(className, text));
        CharacterVocabulary.write(folder.resolve("tokenizer" + suffix), text.maxLength());
    }

    private static ObjectNode textEncoder(String className, PretrainPlan.TextEncoder text) {
        ObjectNode node = StrictJson.newObject();
        ConfigJson.strings(node, "architectures", List.of(className));
        node.put("attention_dropout", 0.0);
        node.put("bos_token_id", CharacterVocabulary.bosId());
        node.put("eos_token_id", CharacterVocabulary.eosId());
        node.put("hidden_act", "quick_gelu");
        node.put("hidden_size", text.width());
        node.put("initializer_factor", 1.0);
        node.put("initializer_range", 0.02);
        node.put("intermediate_size", 4 * text.width());
        node.put("layer_norm_eps", 1e-5);
        node.put("max_position_embeddings", text.maxLength());
        node.put("model_type", "clip_text_model");
        node.put("num_attention_heads", text.heads());
        node.put("num_hidden_layers", text.layers());
        node.put("pad_token_id", CharacterVocabulary.eosId());
        node.put("projection_dim", text.width());
        node.put("vocab_size", CharacterVocabulary.size());
        return node;
    }
}
