package org.imagerl.toolkit.lora.files;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a key of an adapter file says: which layer, and which of its tensors.
 *
 * @param layer as the layout writes it
 * @param role which tensor
 */
record LoraKey(String layer, Role role) {
    /** The tensors of an adapted layer. */
    enum Role {
        DOWN,
        UP,
        ALPHA
    }

    private static final Map<String, Role> ROLES =
            Map.of("A", Role.DOWN, "down", Role.DOWN, "B", Role.UP, "up", Role.UP, "alpha", Role.ALPHA);

    /** Every spelling that diffusers and PEFT ever wrote; PEFT puts the name of an adapter before "weight". */
    private static final List<Pattern> DOTTED = List.of(
            Pattern.compile("(.+)\\.lora_([AB])(?:(?:\\.[^.]+)?\\.weight)?"),
            Pattern.compile("(.+)\\.lora(?:_linear_layer)?\\.(down|up)\\.weight"),
            Pattern.compile("(.+_lora)\\.(down|up)\\.weight"),
            Pattern.compile("(.+)\\.lora_(down|up)\\.weight"),
            Pattern.compile("(.+)\\.(alpha)"));

    private static final Pattern KOHYA =
            Pattern.compile("((?:lora|lycoris)_[^.]+)\\.(?:lora_(down|up)\\.weight|(alpha))");

    /** The oldest diffusers files name what was put into a layer, not the layer: attention of UNets and of text encoders. */
    private static final Map<String, String> OLD_UNET =
            Map.of("to_q_lora", "to_q", "to_k_lora", "to_k", "to_v_lora", "to_v", "to_out_lora", "to_out.0");

    private static final Map<String, String> OLD_TEXT_ENCODER =
            Map.of("to_q_lora", "q_proj", "to_k_lora", "k_proj", "to_v_lora", "v_proj", "to_out_lora", "out_proj");

    /** XLabs' attention processors of FLUX: {@code double_blocks.3.processor.qkv_lora1.down.weight}. */
    private static final Pattern XLABS =
            Pattern.compile("(.+)\\.processor\\.(qkv|proj)_lora([12]?)\\.(down|up)\\.weight");

    /** Reads a key of diffusers or PEFT: {@code LAYER.lora_A.weight} and its older spellings, and XLabs'. */
    static Optional<LoraKey> dotted(String key) {
        Matcher xlabs = XLABS.matcher(key);
        if (xlabs.matches()) {
            return Optional.of(new LoraKey(ofXlabs(xlabs), role(xlabs.group(4))));
        }
        return DOTTED.stream()
                .map(pattern -> pattern.matcher(key))
                .filter(Matcher::matches)
                .map(found -> new LoraKey(modern(found.group(1)), role(found.group(2))))
                .findFirst();
    }

    /** Reads a key of PEFT's own files, which begins with {@code base_model.model.}. */
    static Optional<LoraKey> peft(String key) {
        return key.startsWith(PeftLayout.PREFIX) ? dotted(key.substring(PeftLayout.PREFIX.length())) : Optional.empty();
    }

    /** Reads a key of kohya: {@code lora_LAYER.lora_down.weight}. */
    static Optional<LoraKey> kohya(String key) {
        Matcher found = KOHYA.matcher(key);
        if (!found.matches()) {
            return Optional.empty();
        }
        return Optional.of(new LoraKey(found.group(1), role(found.group(2) == null ? "alpha" : found.group(2))));
    }

    /** Whether a key names a matrix of a layer, in any layout. */
    static boolean isMatrix(String key) {
        return isMatrix(kohya(key)) || isMatrix(peft(key)) || isMatrix(dotted(key));
    }

    /** Whether that is a matrix. */
    static boolean isMatrix(Optional<LoraKey> key) {
        return key.filter(found -> found.role() != Role.ALPHA).isPresent();
    }

    private static Role role(String word) {
        return ROLES.getOrDefault(word, Role.ALPHA);
    }

    /** In double blocks 1 is the image and 2 the text; single blocks have one of each. */
    private static String ofXlabs(Matcher key) {
        String layer = switch (key.group(3)) {
            case "1" -> "img_attn." + key.group(2);
            case "2" -> "txt_attn." + key.group(2);
            default -> key.group(2).equals("qkv") ? "qkv" : "linear2";
        };
        return key.group(1) + "." + layer;
    }

    /** Whether a key has the form of XLabs. */
    static boolean isXlabs(String key) {
        return XLABS.matcher(key).matches();
    }

    private static String modern(String layer) {
        String plain = layer.replace(".processor.", ".");
        int dot = plain.lastIndexOf('.') + 1;
        Map<String, String> renamed = plain.contains(".self_attn.") ? OLD_TEXT_ENCODER : OLD_UNET;
        String last = plain.substring(dot);
        return plain.substring(0, dot) + renamed.getOrDefault(last, last);
    }
}
