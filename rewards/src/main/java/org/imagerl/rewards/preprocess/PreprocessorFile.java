package org.imagerl.rewards.preprocess;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.imagerl.hub.ConfigFile;
import org.imagerl.images.ResizeFilter;
import org.imagerl.spi.UserException;
import tools.jackson.databind.JsonNode;

/**
 * Reads {@code preprocessor_config.json} as transformers' image processors would, in the old form ({@code "size": 224}) and the new
 * ({@code "size": {"shortest_edge": 224}}), with the defaults of the processor that it names.
 */
public final class PreprocessorFile {
    /** What CLIP and most that came after it normalise by: the mean of red, green and blue in its training data. */
    public static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    /** And their standard deviation. */
    public static final List<Double> CLIP_STD = List.of(0.26862954, 0.26130258, 0.27577711);

    private static final int MAX_SIDE = 4096;
    /** Codes of PIL.Image.Resampling; 0 is the nearest neighbour. */
    private static final List<Optional<ResizeFilter>> FILTERS = List.of(
            Optional.empty(),
            Optional.of(ResizeFilter.LANCZOS),
            Optional.of(ResizeFilter.BILINEAR),
            Optional.of(ResizeFilter.BICUBIC),
            Optional.of(ResizeFilter.BOX),
            Optional.of(ResizeFilter.HAMMING));

    private final ConfigFile file;
    private final String processor;

    private PreprocessorFile(ConfigFile file) {
        this.file = file;
        this.processor = file.optionalText("image_processor_type")
                .or(() -> file.optionalText("feature_extractor_type"))
                .orElse("")
                .toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a file.
     *
     * @throws UserException naming the key whose value is not understood
     */
    public static Preprocess read(Path file) {
        return new PreprocessorFile(ConfigFile.read(file)).preprocess();
    }

    private boolean clip() {
        return processor.startsWith("clip") || processor.startsWith("chineseclip");
    }

    private Preprocess preprocess() {
        Preprocess.Resize resize = file.flag("do_resize", true) ? resize() : Preprocess.Resize.NONE;
        boolean normalised = file.flag("do_normalize", true);
        double rescale = file.flag("do_rescale", true) ? file.number("rescale_factor", 1 / 255.0) : 1;
        return new Preprocess(
                resize,
                resize == Preprocess.Resize.NONE ? 1 : side("size", "width"),
                resize == Preprocess.Resize.NONE ? 1 : side("size", "height"),
                filter(),
                Preprocess.Precision.UINT8,
                file.flag("do_center_crop", clip()) ? crop() : Preprocess.Crop.NONE,
                rescale,
                normalised ? three("image_mean", CLIP_MEAN, 0.5) : new float[3],
                normalised ? three("image_std", CLIP_STD, 0.5) : new float[] {1, 1, 1});
    }

    private Preprocess.Resize resize() {
        JsonNode size = file.value("size").orElseThrow(() -> file.refusal("size", "a size is needed: 224"));
        if (size.isInt()) { // transformers: CLIP's processors mean the shorter side, the others a square
            boolean shortest = clip() || (processor.isEmpty() && file.flag("do_center_crop", false));
            return shortest ? Preprocess.Resize.SHORTEST : Preprocess.Resize.SQUASH;
        }
        if (size.has("shortest_edge") && !size.has("longest_edge")) {
            return Preprocess.Resize.SHORTEST;
        }
        if (size.has("height") && size.has("width")) {
            return Preprocess.Resize.SQUASH;
        }
        throw file.refusal(
                "size",
                "supported: a number, {\"shortest_edge\"} and {\"height\", \"width\"}; say it in the section preprocess of reward.yaml");
    }

    /** A side of {@code size} or {@code crop_size}, which are numbers or objects. */
    private int side(String key, String name) {
        JsonNode node = file.value(key).orElseThrow(() -> file.refusal(key, "a size is needed: 224"));
        for (String each : new String[] {"shortest_edge", name}) {
            node = node.has(each) ? node.get(each) : node;
        }
        if (!node.isInt() || node.intValue() < 1 || node.intValue() > MAX_SIDE) {
            throw file.refusal(key, "expected pixels from 1 to " + MAX_SIDE);
        }
        return node.intValue();
    }

    private Preprocess.Crop crop() {
        String key = file.value("crop_size").isPresent() ? "crop_size" : "size";
        return new Preprocess.Crop(side(key, "width"), side(key, "height"), Preprocess.Rounding.FLOOR);
    }

    private ResizeFilter filter() {
        boolean cubic = clip() || processor.startsWith("siglip") || processor.startsWith("blip") || processor.isEmpty();
        int code = file.integer("resample", cubic ? 3 : 2, 0, FILTERS.size() - 1);
        return FILTERS.get(code)
                .orElseThrow(() -> file.refusal("resample", "the nearest neighbour is not supported; 1 to 5 are"));
    }

    private float[] three(String key, List<Double> clip, double other) {
        boolean likeClip = clip() || processor.startsWith("blip");
        List<Double> values = file.optionalNumbers(key).orElse(likeClip ? clip : List.of(other, other, other));
        if (values.size() != 3) {
            throw file.refusal(key, "expected three numbers, of red, green and blue");
        }
        float[] floats = new float[3];
        for (int i = 0; i < 3; i++) {
            floats[i] = values.get(i).floatValue();
        }
        return floats;
    }
}
