package org.imagerl.diffusion.pretrain;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.imagerl.hub.tokenizer.CharacterVocabulary;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.toolkit.safetensors.StrictJson;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the description files of a new checkpoint, in the layout of diffusers: everything but the weights. The networks are then
 * built from these files, as any checkpoint's are.
 */
final class CheckpointTemplate {
    private static final String DIFFUSERS_VERSION = "0.36.0";

    private CheckpointTemplate() {}

    static void write(Path folder, PretrainConfig config) {
        save(folder.resolve("model_index.json"), modelIndex());
        save(folder.resolve("scheduler/scheduler_config.json"), scheduler());
        save(folder.resolve("vae/config.json"), vae(config));
        save(folder.resolve("unet/config.json"), unet(config));
        save(folder.resolve("text_encoder/config.json"), textEncoder(config.textEncoder()));
        CharacterVocabulary.write(
                folder.resolve("tokenizer"), config.textEncoder().maxLength());
    }

    /** The scaling factor is known only when the VAE is trained. */
    static void setScalingFactor(Path folder, double factor) {
        Path file = folder.resolve("vae/config.json");
        ObjectNode vae = StrictJson.object(file);
        save(file, vae.put("scaling_factor", factor));
    }

    private static void save(Path file, ObjectNode content) {
        AtomicFile.writeText(file, StrictJson.indented(content) + "\n");
    }

    private static ObjectNode diffusers(String className) {
        return StrictJson.newObject().put("_class_name", className).put("_diffusers_version", DIFFUSERS_VERSION);
    }

    private static ObjectNode modelIndex() {
        ObjectNode index = diffusers("StableDiffusionPipeline");
        pair(index, "feature_extractor", null, null);
        pair(index, "image_encoder", null, null);
        index.put("requires_safety_checker", false);
        pair(index, "safety_checker", null, null);
        pair(index, "scheduler", "diffusers", "DDIMScheduler");
        pair(index, "text_encoder", "transformers", "CLIPTextModel");
        pair(index, "tokenizer", "transformers", "CLIPTokenizer");
        pair(index, "unet", "diffusers", "UNet2DConditionModel");
        pair(index, "vae", "diffusers", "AutoencoderKL");
        return index;
    }

    private static void pair(ObjectNode index, String key, @Nullable String library, @Nullable String type) {
        index.putArray(key).add(library).add(type);
    }

    private static ObjectNode scheduler() {
        return diffusers("DDIMScheduler")
                .put("beta_start", 0.00085)
                .put("beta_end", 0.012)
                .put("beta_schedule", "scaled_linear")
                .put("clip_sample", false)
                .put("num_train_timesteps", 1000)
                .put("prediction_type", "epsilon")
                .put("set_alpha_to_one", false)
                .put("steps_offset", 1)
                .put("timestep_spacing", "leading");
    }

    private static ObjectNode vae(PretrainConfig config) {
        PretrainConfig.Vae vae = config.vae();
        int levels = vae.channels().size();
        ObjectNode node = diffusers("AutoencoderKL").put("act_fn", "silu");
        integers(node, "block_out_channels", vae.channels());
        strings(node, "down_block_types", Collections.nCopies(levels, "DownEncoderBlock2D"));
        node.put("force_upcast", false);
        node.put("in_channels", 3);
        node.put("latent_channels", vae.latentChannels());
        node.put("layers_per_block", vae.layersPerBlock());
        node.put("norm_num_groups", vae.normGroups());
        node.put("out_channels", 3);
        node.put("sample_size", Math.max(config.width(), config.height()));
        node.put("scaling_factor", 1.0);
        strings(node, "up_block_types", Collections.nCopies(levels, "UpDecoderBlock2D"));
        return node;
    }

    private static ObjectNode unet(PretrainConfig config) {
        PretrainConfig.Unet unet = config.unet();
        int levels = unet.channels().size();
        int downscale = 1 << (config.vae().channels().size() - 1);
        ObjectNode node = diffusers("UNet2DConditionModel").put("act_fn", "silu");
        node.put("attention_head_dim", unet.heads());
        integers(node, "block_out_channels", unet.channels());
        node.put("center_input_sample", false);
        node.put("cross_attention_dim", config.textEncoder().width());
        strings(node, "down_block_types", Collections.nCopies(levels, "CrossAttnDownBlock2D"));
        node.put("downsample_padding", 1);
        node.put("flip_sin_to_cos", true);
        node.put("freq_shift", 0);
        node.put("in_channels", config.vae().latentChannels());
        node.put("layers_per_block", unet.layersPerBlock());
        node.put("mid_block_scale_factor", 1);
        node.put("norm_eps", 1e-5);
        node.put("norm_num_groups", unet.normGroups());
        node.put("out_channels", config.vae().latentChannels());
        integers(node, "sample_size", List.of(config.height() / downscale, config.width() / downscale));
        strings(node, "up_block_types", Collections.nCopies(levels, "CrossAttnUpBlock2D"));
        return node;
    }

    private static ObjectNode textEncoder(PretrainConfig.TextEncoder text) {
        ObjectNode node = StrictJson.newObject();
        strings(node, "architectures", List.of("CLIPTextModel"));
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

    private static void integers(ObjectNode node, String key, List<Integer> values) {
        ArrayNode array = node.putArray(key);
        values.forEach(array::add);
    }

    private static void strings(ObjectNode node, String key, List<String> values) {
        ArrayNode array = node.putArray(key);
        values.forEach(array::add);
    }
}
