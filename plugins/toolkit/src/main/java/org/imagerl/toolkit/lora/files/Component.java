package org.imagerl.toolkit.lora.files;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The models of a checkpoint folder that can have adapters, with their names in each layout. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are List.of
enum Component {
    UNET(
            "unet",
            List.of("lora_unet_"),
            List.of(
                    "conv_in",
                    "conv_out",
                    "down_blocks",
                    "mid_block",
                    "up_blocks",
                    "time_embedding",
                    "add_embedding",
                    "class_embedding")),
    TRANSFORMER(
            "transformer",
            List.of("lora_transformer_"),
            List.of(
                    "transformer_blocks",
                    "single_transformer_blocks",
                    "pos_embed",
                    "x_embedder",
                    "context_embedder",
                    "time_text_embed",
                    "norm_out",
                    "proj_out")),
    // The first text encoder is te in models with one, te1 in models with several.
    TEXT_ENCODER("text_encoder", List.of("lora_te_", "lora_te1_"), List.of("text_model", "text_projection")),
    TEXT_ENCODER_2("text_encoder_2", List.of("lora_te2_"), List.of()),
    TEXT_ENCODER_3("text_encoder_3", List.of("lora_te3_"), List.of());

    private final String folder;
    private final List<String> kohyaPrefixes;
    private final List<String> firstNames;

    Component(String folder, List<String> kohyaPrefixes, List<String> firstNames) {
        this.folder = folder;
        this.kohyaPrefixes = kohyaPrefixes;
        this.firstNames = firstNames;
    }

    /** Its folder in a checkpoint, which is also its prefix in paths. */
    String folder() {
        return folder;
    }

    /** What layers of it begin with in kohya's layout. */
    List<String> kohyaPrefixes() {
        return kohyaPrefixes;
    }

    /** What layers of it begin with when kohya's layout is written. */
    String kohyaPrefix(boolean severalTextEncoders) {
        return kohyaPrefixes.get(severalTextEncoders ? kohyaPrefixes.size() - 1 : 0);
    }

    /** The path of a layer of this. */
    String path(String layer) {
        return folder + "." + layer;
    }

    /** The layer that a path of this names. */
    String layer(String path) {
        return path.substring(folder.length() + 1);
    }

    /** The component of that folder name. */
    static Optional<Component> named(String folder) {
        return Arrays.stream(values()).filter(c -> c.folder.equals(folder)).findFirst();
    }

    /** The component of a path. */
    static Component of(String path) {
        int dot = path.indexOf('.');
        return named(dot < 0 ? path : path.substring(0, dot))
                .filter(component -> dot + 1 < path.length() && dot > 0)
                .orElseThrow(() -> new IllegalArgumentException("no layer of " + names() + ": " + path));
    }

    /** The path of a layer whose component is not said, if its first name belongs to one component only. */
    static Optional<String> guess(String layer) {
        String first = layer.split("\\.", 2)[0];
        return Arrays.stream(values())
                .filter(component -> component.firstNames.contains(first))
                .map(component -> component.path(layer))
                .findFirst();
    }

    /** All folder names, for messages. */
    static String names() {
        return Arrays.stream(values()).map(Component::folder).collect(Collectors.joining(", "));
    }
}
