package org.imagerl.latent.clip;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.toolkit.original.OriginalKey;
import org.imagerl.toolkit.original.OriginalKey.Form;
import org.imagerl.toolkit.original.OriginalLayout;

/**
 * The names of a CLIP text encoder's weights in OpenCLIP (Cherti et al., 2022, arXiv 2212.07143), as Stable Diffusion 2 and XL hold them: queries, keys and values
 * are one tensor, and the projection is multiplied from the other side.
 *
 * @param layers of the network; the file may have more
 */
public record OpenClipKeys(int layers) implements OriginalLayout {
    private static final Pattern LAYER =
            Pattern.compile("text_model\\.encoder\\.layers\\.(\\d{1,4})\\.(.+)\\.(weight|bias)");
    private static final Pattern OWN_LAYER = Pattern.compile("transformer\\.resblocks\\.(\\d{1,4})\\..+");
    private static final String PROJECTION = "text_projection";

    private static final Map<String, String> OUTSIDE = Map.of(
            "text_model.embeddings.token_embedding.weight", "token_embedding.weight",
            "text_model.embeddings.position_embedding.weight", "positional_embedding",
            "text_model.final_layer_norm.weight", "ln_final.weight",
            "text_model.final_layer_norm.bias", "ln_final.bias");

    private static final Map<String, String> IN_LAYER = Map.of(
            "self_attn.out_proj", "attn.out_proj",
            "layer_norm1", "ln_1",
            "layer_norm2", "ln_2",
            "mlp.fc1", "mlp.c_fc",
            "mlp.fc2", "mlp.c_proj");

    private static final List<String> FUSED = List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");

    @Override
    public OriginalKey of(String key) {
        if (key.equals("text_projection.weight")) {
            return new OriginalKey(PROJECTION, 0, Form.TRANSPOSED);
        }
        Matcher layer = LAYER.matcher(key);
        if (!layer.matches()) {
            return OriginalKey.of(OUTSIDE.getOrDefault(key, key));
        }
        String place = "transformer.resblocks." + layer.group(1) + ".";
        int part = FUSED.indexOf(layer.group(2));
        return part < 0
                ? OriginalKey.of(place + IN_LAYER.getOrDefault(layer.group(2), layer.group(2)) + "." + layer.group(3))
                : new OriginalKey(place + "attn.in_proj_" + layer.group(3), part, Form.SAME);
    }

    @Override
    public boolean ignores(String tensor) {
        Matcher layer = OWN_LAYER.matcher(tensor);
        return layer.matches() && Integer.parseInt(layer.group(1)) >= layers;
    }
}
