package org.imagerl.hub.preprocess;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.imagerl.hub.ConfigFile;
import org.imagerl.images.ResizeFilter;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;

/**
 * Reads {@code preprocessor_config.json} as transformers' image processors would, in the old form ({@code "size": 224}) and the new
 * ({@code "size": {"shortest_edge": 224}}), with the defaults of the processor that it names. A key that is null counts as absent, as fast
 * processors write all that they do not use. A key that may change pixels and is not known is refused: see {@link PreprocessorKeys}.
 */
public final class PreprocessorFile {
    /** What CLIP and most that came after it normalise by: the mean of red, green and blue in its training data. */
    public static final List<Double> CLIP_MEAN = Processors.CLIP_MEAN;
    /** And their standard deviation. */
    public static final List<Double> CLIP_STD = Processors.CLIP_STD;

    private static final int MAX_SIDE = 4096;
    /** ConvNeXt squashes from this size on, without a crop. */
    private static final int CONVNEXT_WHOLE = 384;
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
    private final boolean fast;
    private final Processors.Defaults defaults;

    private PreprocessorFile(ConfigFile file) {
        this.file = file;
        String type = file.optionalText("image_processor_type")
                .or(() -> file.optionalText("feature_extractor_type"))
                .orElse("");
        this.processor = Processors.shortName(type);
        this.fast = type.endsWith("Fast");
        this.defaults = Processors.of(processor, flag("do_center_crop", false));
        requireKnown(type);
    }

    /**
     * Reads a file.
     *
     * @throws UserException naming the key whose value is not understood
     */
    public static Preprocess read(Path file) {
        return new PreprocessorFile(ConfigFile.read(file)).preprocess();
    }

    private void requireKnown(String type) {
        JsonNode map = file.value("auto_map").orElse(null);
        boolean custom = map != null && (map.has("AutoImageProcessor") || map.has("AutoFeatureExtractor"));
        if (custom || Processors.doesOtherWork(processor)) {
            throw UserException.input(file.file() + ": " + (type.isEmpty() ? "its processor" : Quote.of(type))
                    + (custom
                            ? " is code of the model's own (auto_map), which is not run here"
                            : " does more than its keys say")
                    + "; say what it does to images in reward.yaml, from where this file is not read: preprocess:"
                    + " {size: [224, 224], resize: squash, mean: [..], std: [..]}");
        }
        PreprocessorKeys.check(file);
    }

    private boolean flag(String key, boolean absent) {
        return file.value(key).isPresent() ? file.flag(key, absent) : absent;
    }

    private Preprocess preprocess() {
        cropShare(1); // where it means nothing it is refused
        boolean resized = flag("do_resize", true);
        boolean rescaled = flag("do_rescale", true);
        Preprocess.Resize resize = resized ? resize() : Preprocess.Resize.NONE;
        return new Preprocess(
                resize,
                resized ? width(resize) : 1,
                resized ? height(resize) : 1,
                resized ? filter() : ResizeFilter.BICUBIC,
                Preprocess.Precision.UINT8,
                crop(),
                0,
                rescaled ? file.optionalNumber("rescale_factor").orElse(defaults.rescale()) : 1,
                rescaled && offset() ? -1 : 0,
                mean(),
                std(),
                flag("do_flip_channel_order", processor.equals("mobilevit"))
                        ? Preprocess.ChannelOrder.BGR
                        : Preprocess.ChannelOrder.RGB);
    }

    /** EfficientNet's {@code rescale_offset} and Vivit's {@code offset}: {@code pixel * rescale_factor - 1}. */
    private boolean offset() {
        return flag("rescale_offset", flag("offset", processor.equals("vivit")));
    }

    private Preprocess.Resize resize() {
        Optional<JsonNode> given = file.value("size");
        if (given.isEmpty()) {
            requireSize();
            return wholeConvnext() || !defaults.shortest() ? Preprocess.Resize.SQUASH : Preprocess.Resize.SHORTEST;
        }
        JsonNode size = given.get();
        if (size.isInt()) {
            boolean shortest = !flag("default_to_square", !defaults.shortest());
            return shortest && !wholeConvnext() ? Preprocess.Resize.SHORTEST : Preprocess.Resize.SQUASH;
        }
        if (size.has("shortest_edge") && !hasValue(size, "longest_edge")) {
            return wholeConvnext() ? Preprocess.Resize.SQUASH : Preprocess.Resize.SHORTEST;
        }
        if (size.has("height") && size.has("width") && !processor.equals("poolformer")) {
            return Preprocess.Resize.SQUASH;
        }
        throw file.refusal(
                "size",
                "supported: a number, {\"shortest_edge\"} and {\"height\", \"width\"}; say it in the section"
                        + " preprocess of reward.yaml");
    }

    private static boolean hasValue(JsonNode node, String key) {
        return node.hasNonNull(key);
    }

    private void requireSize() {
        if (defaults.size() == 0) {
            throw file.refusal("size", "a size is needed: 224");
        }
    }

    private boolean wholeConvnext() {
        return processor.equals("convnext") && side("size", "width", defaults.size()) >= CONVNEXT_WHOLE;
    }

    private int width(Preprocess.Resize resize) {
        return enlarged(side("size", "width", defaults.size()), resize);
    }

    private int height(Preprocess.Resize resize) {
        return enlarged(side("size", "height", defaults.size()), resize);
    }

    /** Some processors resize to more than {@code size}, and crop that out of it. */
    private int enlarged(int edge, Preprocess.Resize resize) {
        if (resize != Preprocess.Resize.SHORTEST) {
            return edge;
        }
        return switch (processor) {
            case "convnext" -> (int) (edge / cropShare(0.875));
            case "poolformer" -> (int) (edge / cropShare(0.9));
            case "levit" -> (int) (256 / 224.0 * edge);
            default -> edge;
        };
    }

    /** {@code crop_pct}, which means something to ConvNeXt and PoolFormer only. */
    private double cropShare(double absent) {
        double share = file.optionalNumber("crop_pct").orElse(absent);
        boolean known = processor.equals("convnext") || processor.equals("poolformer");
        if (!(share > 0 && share <= 1) || (share != 1 && !known)) {
            throw file.refusal(
                    "crop_pct",
                    known
                            ? "expected a share above 0 and at most 1"
                            : "only ConvNextImageProcessor and PoolFormerImageProcessor have it; say in the section"
                                    + " preprocess of reward.yaml to what size images are resized and cropped");
        }
        return share;
    }

    /** A side of {@code size} or {@code crop_size}, which are numbers or objects. */
    private int side(String key, String name, int absent) {
        Optional<JsonNode> given = file.value(key);
        if (given.isEmpty() && absent > 0) {
            return absent;
        }
        JsonNode node = given.orElseThrow(() -> file.refusal(key, "a size is needed: 224"));
        for (String each : new String[] {"shortest_edge", name}) {
            node = node.hasNonNull(each) ? node.get(each) : node;
        }
        if (!node.isInt() || node.intValue() < 1 || node.intValue() > MAX_SIDE) {
            throw file.refusal(key, "expected pixels from 1 to " + MAX_SIDE);
        }
        return node.intValue();
    }

    private Preprocess.Crop crop() {
        Preprocess.Rounding rounding = fast ? Preprocess.Rounding.TRUNCATE : Preprocess.Rounding.FLOOR;
        if (processor.equals("convnext")) {
            int side = side("size", "width", defaults.size());
            boolean cropped = flag("do_resize", true) && side < CONVNEXT_WHOLE;
            return cropped ? new Preprocess.Crop(side, side, rounding) : Preprocess.Crop.NONE;
        }
        if (!flag("do_center_crop", defaults.crop() > 0)) {
            return Preprocess.Crop.NONE;
        }
        boolean likeSize = file.value("crop_size").isEmpty() && defaults.crop() == 0;
        String key = likeSize ? "size" : "crop_size";
        return new Preprocess.Crop(side(key, "width", defaults.crop()), side(key, "height", defaults.crop()), rounding);
    }

    private ResizeFilter filter() {
        Optional<Integer> code = file.optionalInteger("resample", 0, FILTERS.size() - 1);
        Optional<ResizeFilter> filter =
                code.isPresent() ? FILTERS.get(code.get()) : Optional.ofNullable(defaults.filter());
        return filter.orElseThrow(() -> file.refusal(
                "resample",
                "the nearest neighbour (0, EfficientNet's default) is not supported; 1 to 5 are: lanczos, bilinear,"
                        + " bicubic, box, hamming"));
    }

    private boolean normalised() {
        return flag("do_normalize", defaults.normalise());
    }

    private float[] mean() {
        return normalised() ? three("image_mean", defaults.mean()) : new float[3];
    }

    private float[] std() {
        if (!normalised()) {
            return new float[] {1, 1, 1};
        }
        float[] std = three("image_std", defaults.std());
        for (int i = 0; i < 3; i++) {
            if (!(std[i] > 0)) {
                throw file.refusal("image_std", "expected numbers above 0");
            }
            // EfficientNet divides by it once more for models with a head: include_top
            std[i] *= flag("include_top", processor.equals("efficientnet")) ? std[i] : 1;
        }
        return std;
    }

    private float[] three(String key, List<Double> absent) {
        Optional<JsonNode> given = file.value(key);
        List<Double> values = absent;
        if (given.isPresent() && given.get().isNumber()) { // one for all colours
            double value = file.number(key, 0);
            values = List.of(value, value, value);
        } else if (given.isPresent()) {
            values = file.optionalNumbers(key).orElse(absent);
        }
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
