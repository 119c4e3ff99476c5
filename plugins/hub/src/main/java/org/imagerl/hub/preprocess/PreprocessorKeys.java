package org.imagerl.hub.preprocess;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;

/**
 * The keys of {@code preprocessor_config.json} beside those that are read. A key that is not here may change pixels, and a score made of
 * other pixels is wrong without a word: so the file is refused.
 */
final class PreprocessorKeys {
    /** What {@link PreprocessorFile} reads. */
    private static final Set<String> READ = Set.of(
            "image_processor_type",
            "feature_extractor_type",
            "do_resize",
            "size",
            "resample",
            "do_center_crop",
            "crop_size",
            "crop_pct",
            "do_rescale",
            "rescale_factor",
            "rescale_offset",
            "offset",
            "do_normalize",
            "image_mean",
            "image_std",
            "include_top",
            "do_flip_channel_order",
            "default_to_square",
            "auto_map");

    /**
     * What changes no pixel of an image with three colours, whatever its value: who reads the file, where and how tensors are laid out (the shape
     * of the model's input says that), what is done to labels and boxes, and how padding looks, which {@link #ONLY} keeps switched off.
     */
    private static final Set<String> HARMLESS = Set.of(
            "processor_class",
            "do_convert_rgb",
            "data_format",
            "input_data_format",
            "return_tensors",
            "device",
            "disable_grouping",
            "do_reduce_labels",
            "reduce_labels",
            "ignore_index",
            "num_labels",
            "id2label",
            "label2id",
            "format",
            "do_convert_annotations",
            "image_seq_length",
            "num_additional_image_tokens",
            "transformers_version",
            "padding_value",
            "constant_values",
            "pad_mode",
            "padding_mode",
            "background_color",
            "ocr_lang",
            "tesseract_config",
            "min_patches",
            "prompt_scale_to_meter",
            "pan_and_scan_min_crop_size",
            "pan_and_scan_max_num_crops",
            "pan_and_scan_min_ratio_to_activate");

    /** What changes nothing with these values; {@code null} is always one of them. */
    private static final Map<String, List<Object>> ONLY = Map.ofEntries(
            Map.entry("do_pad", List.of(false)),
            Map.entry("pad_size", List.of()),
            Map.entry("size_divisor", List.of(1)),
            Map.entry("size_divisibility", List.of(0, 1)),
            Map.entry("keep_aspect_ratio", List.of(false)),
            Map.entry("ensure_multiple_of", List.of(1)),
            Map.entry("do_thumbnail", List.of(false)),
            Map.entry("do_align_long_axis", List.of(false)),
            Map.entry("do_crop_margin", List.of(false)),
            Map.entry("do_grayscale", List.of(false)),
            Map.entry("do_color_quantize", List.of(false)),
            Map.entry("do_affine_transform", List.of(false)),
            Map.entry("do_image_splitting", List.of(false)),
            Map.entry("do_split_image", List.of(false)),
            Map.entry("split_image", List.of(false)),
            Map.entry("crop_to_patches", List.of(false)),
            Map.entry("do_pan_and_scan", List.of(false)),
            Map.entry("apply_ocr", List.of(false)),
            Map.entry("return_image_mask", List.of(false)),
            Map.entry("return_codebook_pixels", List.of(false)),
            Map.entry("antialias", List.of(true)),
            Map.entry("num_channels", List.of(3)),
            Map.entry("image_num_channels", List.of(3)));

    private PreprocessorKeys() {}

    /**
     * Looks at all keys of a file.
     *
     * @throws UserException that names every key that may change pixels in a way that is not known
     */
    static void check(ConfigFile file) {
        List<String> unknown = new ArrayList<>();
        for (String key : file.keys()) {
            if (!key.startsWith("_") && !isHarmless(key, file)) {
                unknown.add(Quote.of(key) + ": "
                        + file.value(key).map(PreprocessorKeys::shown).orElse("null"));
            }
        }
        if (!unknown.isEmpty()) {
            throw UserException.input(file.file() + ": it is not known what " + String.join(", ", unknown)
                    + (unknown.size() == 1 ? " does" : " do")
                    + " to pixels, and scores would be wrong; if nothing, remove "
                    + (unknown.size() == 1 ? "it" : "them")
                    + ", else say all that is done in reward.yaml, from where this file is not read:"
                    + " preprocess: {size: [224, 224], resize: squash, mean: [..], std: [..]}");
        }
    }

    private static boolean isHarmless(String key, ConfigFile file) {
        if (READ.contains(key) || HARMLESS.contains(key)) {
            return true;
        }
        List<Object> only = ONLY.get(key);
        return only != null
                && file.value(key)
                        .map(node -> only.stream().anyMatch(value -> same(node, value)))
                        .orElse(true);
    }

    private static boolean same(JsonNode node, Object value) {
        return value instanceof Boolean flag
                ? node.isBoolean() && node.booleanValue() == flag
                : node.isNumber() && node.doubleValue() == ((Number) value).doubleValue();
    }

    private static String shown(JsonNode node) {
        return node.isString() ? Quote.of(node.stringValue()) : Quote.plain(shortened(node.toString()));
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
