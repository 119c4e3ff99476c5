package org.imagerl.latent.source;

import java.util.List;
import java.util.Optional;
import org.imagerl.latent.checkpoint.ConfigJson;
import org.imagerl.latent.clip.OpenClipKeys;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.toolkit.original.OriginalKey;
import org.imagerl.toolkit.original.OriginalLayout;
import org.imagerl.toolkit.original.TensorGroup;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import tools.jackson.databind.node.ObjectNode;

/**
 * A CLIP text encoder in a single file, with the names of transformers or with those of OpenCLIP.
 *
 * @param prefixes where the one with the names of transformers may be; the first is that of a whole checkpoint
 * @param openPrefixes where one with the names of OpenCLIP may be; if there are any, the first is that of a whole checkpoint
 * @param projection what becomes of the pooled state
 * @param activation transformers' name of it: no shape tells it
 * @param unusedLayers of OpenCLIP's, at the end, because the denoiser was trained with the hidden states before them
 */
public record ClipFormat(
        List<String> prefixes, List<String> openPrefixes, Projection projection, String activation, int unusedLayers)
        implements ComponentFormat {
    private static final String TOKENS = "text_model.embeddings.token_embedding.weight";
    private static final String OPEN_TOKENS = "token_embedding.weight";

    /** In all published encoders. */
    private static final int HEAD_WIDTH = 64;

    /** As the published descriptions have it; it means: at the highest id. */
    private static final int END_AT_HIGHEST = 2;

    /** What becomes of the pooled state. */
    public enum Projection {
        /** Nothing. */
        NONE,
        /** It is projected by a matrix of the file. */
        OF_FILE,
        /** It is used as it is by the model's own code; diffusers has the identity matrix in that place. */
        IDENTITY
    }

    /** Keeps its own copies of the lists. */
    public ClipFormat {
        prefixes = List.copyOf(prefixes);
        openPrefixes = List.copyOf(openPrefixes);
    }

    @Override
    public Optional<Found> find(SafetensorsFile file) {
        return TensorGroup.with(file, TOKENS, prefixes.toArray(String[]::new))
                .map(group -> new Found(group.prefix(), named(""), config(group)))
                .or(() -> old(file))
                .or(() -> open(file));
    }

    /** Files of before transformers 4.3 lack the first part of all names. */
    private Optional<Found> old(SafetensorsFile file) {
        return TensorGroup.with(file, TOKENS.substring("text_model.".length()), prefixes.toArray(String[]::new))
                .map(group -> new Found(group.prefix(), named("text_model."), config(group)));
    }

    private Optional<Found> open(SafetensorsFile file) {
        return TensorGroup.with(file, OPEN_TOKENS, openPrefixes.toArray(String[]::new))
                .map(group -> new Found(group.prefix(), openLayout(), config(group)));
    }

    @Override
    public String prefix() {
        return openPrefixes.isEmpty() ? prefixes.get(0) : openPrefixes.get(0);
    }

    @Override
    public OriginalLayout.Maker layout() {
        return openPrefixes.isEmpty() ? named("") : openLayout();
    }

    /** @param dropped what the names of the file lack at their beginning */
    private OriginalLayout.Maker named(String dropped) {
        OriginalLayout.Maker names = declared -> key -> projection == Projection.IDENTITY && isProjection(key)
                ? new OriginalKey("", 0, OriginalKey.Form.IDENTITY)
                : OriginalKey.of(key.startsWith(dropped) ? key.substring(dropped.length()) : key);
        return projection == Projection.OF_FILE
                ? names.ignoring("position_ids", "logit_scale")
                : names.ignoring("position_ids", "logit_scale", "text_projection.weight", "text_projection");
    }

    private OriginalLayout.Maker openLayout() {
        OriginalLayout.Maker names = declared -> new OpenClipKeys((int) declared.keySet().stream()
                .filter(key -> key.endsWith(".mlp.fc1.weight"))
                .count());
        return projection == Projection.NONE
                ? names.ignoring("logit_scale", "text_projection", "attn_mask")
                : names.ignoring("logit_scale", "attn_mask");
    }

    private static boolean isProjection(String key) {
        return key.equals("text_projection.weight");
    }

    private ObjectNode config(TensorGroup file) {
        boolean open = file.has(OPEN_TOKENS);
        String text = file.has(TOKENS) ? "text_model." : "";
        String tokens = open ? OPEN_TOKENS : text + "embeddings.token_embedding.weight";
        String positions = open ? "positional_embedding" : text + "embeddings.position_embedding.weight";
        String first = open ? "transformer.resblocks.0.mlp.c_fc.weight" : text + "encoder.layers.0.mlp.fc1.weight";
        String layer = open ? "transformer\\.resblocks\\.(\\d{1,4})\\." : text + "encoder\\.layers\\.(\\d{1,4})\\.";
        int width = file.size(tokens, 1);
        ObjectNode node = StrictJson.newObject();
        boolean projects = projection != Projection.NONE;
        ConfigJson.strings(node, "architectures", List.of(projects ? "CLIPTextModelWithProjection" : "CLIPTextModel"));
        node.put("bos_token_id", 0);
        node.put("eos_token_id", END_AT_HIGHEST);
        node.put("hidden_act", activation);
        node.put("hidden_size", width);
        node.put("intermediate_size", file.size(first, 0));
        node.put("layer_norm_eps", 1e-5);
        node.put("max_position_embeddings", file.size(positions, 0));
        node.put("model_type", "clip_text_model");
        node.put("num_attention_heads", width % HEAD_WIDTH == 0 ? width / HEAD_WIDTH : 1);
        node.put("num_hidden_layers", Math.max(1, file.count(layer) - (open ? unusedLayers : 0)));
        node.put("pad_token_id", 1);
        node.put("projection_dim", projection == Projection.OF_FILE ? projected(file, open) : width);
        node.put("vocab_size", file.size(tokens, 0));
        return node;
    }

    private static int projected(TensorGroup file, boolean open) {
        return open ? file.size("text_projection", 1) : file.size("text_projection.weight", 0);
    }
}
