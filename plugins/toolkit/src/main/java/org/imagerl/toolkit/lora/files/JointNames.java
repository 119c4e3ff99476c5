package org.imagerl.toolkit.lora.files;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;

/**
 * The names that the layers of the transformers of SD3 and FLUX have in the models' own code, which single files have,
 * and the adapters of sd-scripts and ComfyUI. There queries, keys and values are one layer; diffusers has one each.
 */
public enum JointNames {
    /** {@code joint_blocks.3.x_block.attn.qkv} of Stability AI's MMDiT. */
    SD3("networks.lora_sd3", "pos_embed.proj"),
    /** {@code double_blocks.3.img_attn.qkv}, {@code single_blocks.3.linear1} of Black Forest Labs' FLUX.1. */
    FLUX("networks.lora_flux", "x_embedder");

    private static final Pattern BLOCK = Pattern.compile("(single_)?transformer_blocks\\.(\\d{1,4})\\.(.+)");
    private static final List<Integer> QKV = List.of(1, 1, 1);
    private static final List<Integer> QKV_MLP = List.of(1, 1, 1, 4);

    private static final Map<String, Place> SD3_BLOCK = places(
            "attn.to_q, attn.to_k, attn.to_v = x_block.attn.qkv",
            "attn2.to_q, attn2.to_k, attn2.to_v = x_block.attn2.qkv",
            "attn.add_q_proj, attn.add_k_proj, attn.add_v_proj = context_block.attn.qkv",
            "attn.norm_q = x_block.attn.ln_q",
            "attn.norm_k = x_block.attn.ln_k",
            "attn.norm_added_q = context_block.attn.ln_q",
            "attn.norm_added_k = context_block.attn.ln_k",
            "attn2.norm_q = x_block.attn2.ln_q",
            "attn2.norm_k = x_block.attn2.ln_k",
            "attn.to_out.0 = x_block.attn.proj",
            "attn2.to_out.0 = x_block.attn2.proj",
            "attn.to_add_out = context_block.attn.proj",
            "ff.net.0.proj = x_block.mlp.fc1",
            "ff.net.2 = x_block.mlp.fc2",
            "ff_context.net.0.proj = context_block.mlp.fc1",
            "ff_context.net.2 = context_block.mlp.fc2",
            "norm1.linear = x_block.adaLN_modulation.1",
            "norm1_context.linear = context_block.adaLN_modulation.1");

    private static final Map<String, Place> SD3_OUTSIDE = places(
            "pos_embed.proj = x_embedder.proj",
            "context_embedder = context_embedder",
            "time_text_embed.timestep_embedder.linear_1 = t_embedder.mlp.0",
            "time_text_embed.timestep_embedder.linear_2 = t_embedder.mlp.2",
            "time_text_embed.text_embedder.linear_1 = y_embedder.mlp.0",
            "time_text_embed.text_embedder.linear_2 = y_embedder.mlp.2",
            "norm_out.linear = final_layer.adaLN_modulation.1",
            "proj_out = final_layer.linear");

    private static final Map<String, Place> FLUX_DOUBLE = places(
            "attn.to_q, attn.to_k, attn.to_v = img_attn.qkv",
            "attn.add_q_proj, attn.add_k_proj, attn.add_v_proj = txt_attn.qkv",
            "attn.norm_q = img_attn.norm.query_norm",
            "attn.norm_k = img_attn.norm.key_norm",
            "attn.norm_added_q = txt_attn.norm.query_norm",
            "attn.norm_added_k = txt_attn.norm.key_norm",
            "attn.to_out.0 = img_attn.proj",
            "attn.to_add_out = txt_attn.proj",
            "ff.net.0.proj = img_mlp.0",
            "ff.net.2 = img_mlp.2",
            "ff_context.net.0.proj = txt_mlp.0",
            "ff_context.net.2 = txt_mlp.2",
            "norm1.linear = img_mod.lin",
            "norm1_context.linear = txt_mod.lin");

    private static final Map<String, Place> FLUX_SINGLE = places(
            "attn.to_q, attn.to_k, attn.to_v, proj_mlp = linear1",
            "attn.norm_q = norm.query_norm",
            "attn.norm_k = norm.key_norm",
            "proj_out = linear2",
            "norm.linear = modulation.lin");

    private static final Map<String, Place> FLUX_OUTSIDE = places(
            "x_embedder = img_in",
            "context_embedder = txt_in",
            "time_text_embed.timestep_embedder.linear_1 = time_in.in_layer",
            "time_text_embed.timestep_embedder.linear_2 = time_in.out_layer",
            "time_text_embed.text_embedder.linear_1 = vector_in.in_layer",
            "time_text_embed.text_embedder.linear_2 = vector_in.out_layer",
            "time_text_embed.guidance_embedder.linear_1 = guidance_in.in_layer",
            "time_text_embed.guidance_embedder.linear_2 = guidance_in.out_layer",
            "norm_out.linear = final_layer.adaLN_modulation.1",
            "proj_out = final_layer.linear");

    /** XLabs adapts queries, keys and values of a single block apart from the rest of its first layer. */
    private static final Map<String, Place> XLABS_SINGLE = places("attn.to_q, attn.to_k, attn.to_v = qkv");

    private static final Pattern OWN_BLOCK = Pattern.compile("(joint|double|single)_blocks\\.(\\d{1,4})\\.(.+)");
    private static final Pattern OF_FLUX =
            Pattern.compile("(.*\\.)?((double|single)_blocks\\.|(img|txt|time|vector|guidance)_in(\\.|$)).*");
    private static final Pattern OF_SD3 = Pattern.compile("(.*\\.)?(joint_blocks|t_embedder|y_embedder)\\..*");

    private final String networkModule;
    private final String mark;

    JointNames(String networkModule, String mark) {
        this.networkModule = networkModule;
        this.mark = mark;
    }

    /**
     * Where diffusers' layer is in the model's own.
     *
     * @param layer name of the own layer
     * @param part which of its parts, from 0
     * @param widths outputs of each part, in multiples of the layer's inputs; empty for a layer of one part
     */
    public record Place(String layer, int part, List<Integer> widths) {

        /** Whether the own layer has scale and shift, half of the outputs each, the other way round. */
        public boolean halvesSwapped(long in, long out) {
            boolean ofLastText = layer.endsWith("context_block.adaLN_modulation.1") && out == 2 * in;
            return layer.startsWith("final_layer.adaLN_modulation") || ofLastText;
        }
    }

    /** "a, b, c = whole" or "a = b". */
    private static Map<String, Place> places(String... lines) {
        Map<String, Place> places = new TreeMap<>();
        for (String line : lines) {
            String[] sides = line.split(" = ");
            String[] parts = sides[0].split(", ");
            for (int i = 0; i < parts.length; i++) {
                places.put(
                        parts[i],
                        new Place(sides[1], i, parts.length == 1 ? List.of() : parts.length == 3 ? QKV : QKV_MLP));
            }
        }
        return Map.copyOf(places);
    }

    /** Where a layer of diffusers is, by its name without the component; empty if the own code has none. */
    public Optional<Place> of(String layer) {
        Matcher block = BLOCK.matcher(layer);
        if (!block.matches()) {
            return Optional.ofNullable((this == SD3 ? SD3_OUTSIDE : FLUX_OUTSIDE).get(layer));
        }
        boolean single = block.group(1) != null;
        if (single && this == SD3) {
            return Optional.empty();
        }
        Map<String, Place> places = this == SD3 ? SD3_BLOCK : single ? FLUX_SINGLE : FLUX_DOUBLE;
        String blocks = this == SD3 ? "joint_blocks." : single ? "single_blocks." : "double_blocks.";
        return Optional.ofNullable(places.get(block.group(3)))
                .map(place -> new Place(blocks + block.group(2) + "." + place.layer, place.part, place.widths));
    }

    /** The layers of diffusers that a layer of the own code is; empty if there is no such layer. */
    Optional<JointTarget> back(String own) {
        Matcher block = OWN_BLOCK.matcher(own);
        if (!block.matches()) {
            return back(own, this == SD3 ? SD3_OUTSIDE : FLUX_OUTSIDE, "", "");
        }
        String kind = block.group(1);
        if (kind.equals("joint") != (this == SD3)) {
            return Optional.empty();
        }
        boolean single = kind.equals("single");
        Map<String, Place> places = this == SD3 ? SD3_BLOCK : single ? FLUX_SINGLE : FLUX_DOUBLE;
        String ours = kind + "_blocks." + block.group(2) + ".";
        String theirs = (single ? "single_transformer_blocks." : "transformer_blocks.") + block.group(2) + ".";
        return back(block.group(3), places, ours, theirs)
                .or(() -> single ? back(block.group(3), XLABS_SINGLE, ours, theirs) : Optional.empty());
    }

    private static Optional<JointTarget> back(String own, Map<String, Place> places, String ours, String theirs) {
        SortedMap<Integer, String> paths = new TreeMap<>();
        Place[] found = new Place[1];
        places.forEach((layer, place) -> {
            if (place.layer.equals(own)) {
                found[0] = place;
                paths.put(place.part, Component.TRANSFORMER.path(theirs + layer));
            }
        });
        return Optional.ofNullable(found[0])
                .map(place -> new JointTarget(new Place(ours + place.layer, 0, place.widths), paths));
    }

    /** The family of a file whose layers have names of the own code; empty if they have none that only one family has. */
    static Optional<JointNames> ofOwnNames(Collection<String> layers) {
        if (layers.stream().anyMatch(layer -> OF_FLUX.matcher(layer).matches())) {
            return Optional.of(FLUX);
        }
        return layers.stream().anyMatch(layer -> OF_SD3.matcher(layer).matches()) ? Optional.of(SD3) : Optional.empty();
    }

    /** The module of sd-scripts that trains such adapters. */
    String networkModule() {
        return networkModule;
    }

    /**
     * The family of an adapter of a transformer.
     *
     * @param where the file, for messages
     * @param layers of the adapter's transformer, not empty
     * @param base the model, if it is known
     * @throws UserException if neither says
     */
    static JointNames family(String where, Set<String> layers, BaseModules base) {
        return known(base)
                .or(() -> marked(layers))
                .orElseThrow(() -> UserException.input(where + ": the names of the adapted layers ("
                        + layers.iterator().next()
                        + ", ...) are the same in SD3 and FLUX, in kohya's layout they are not: name the checkpoint"
                        + " that the adapter is for (--checkpoint DIR), or write diffusers' layout"));
    }

    /** The family of a model; empty if it is neither. */
    static Optional<JointNames> known(BaseModules base) {
        return List.of(values()).stream()
                .filter(family -> base.paths().contains(Component.TRANSFORMER.path(family.mark)))
                .findFirst();
    }

    private static Optional<JointNames> marked(Set<String> layers) {
        if (layers.stream().anyMatch(layer -> layer.startsWith("single_transformer_blocks."))) {
            return Optional.of(FLUX);
        }
        return layers.stream().anyMatch(layer -> layer.contains(".attn2.")) ? Optional.of(SD3) : Optional.empty();
    }
}
