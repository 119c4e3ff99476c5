package org.imagerl.hub.preprocess;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.imagerl.images.ResizeFilter;
import org.jspecify.annotations.Nullable;

/**
 * What transformers' image processors do where a file lacks a key: the defaults of their constructors.
 *
 * <p>Source: transformers 4.57, models/NAME/image_processing_NAME.py.
 */
final class Processors {
    /** What CLIP and most that came after it normalise by: the mean of red, green and blue in its training data. */
    static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    /** And their standard deviation. */
    static final List<Double> CLIP_STD = List.of(0.26862954, 0.26130258, 0.27577711);

    private static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);
    private static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);
    private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);
    private static final List<Double> ONE = List.of(1.0, 1.0, 1.0);

    /**
     * The defaults of a processor.
     *
     * @param shortest whether a size that is one number means the shorter side; else it is a square
     * @param size pixels; 0 if the file must say it
     * @param crop pixels of a square; 0 for no crop
     * @param filter null for the nearest neighbour
     * @param normalise whether there is a mean and a std
     * @param rescale factor
     */
    record Defaults(
            boolean shortest,
            int size,
            int crop,
            @Nullable ResizeFilter filter,
            boolean normalise,
            List<Double> mean,
            List<Double> std,
            double rescale) {}

    private static final ResizeFilter CUBIC = ResizeFilter.BICUBIC;
    private static final ResizeFilter LINEAR = ResizeFilter.BILINEAR;
    private static final Defaults CLIP = normalised(true, 224, 224, CUBIC, CLIP_MEAN, CLIP_STD);
    private static final Defaults BLIP = normalised(false, 384, 0, CUBIC, CLIP_MEAN, CLIP_STD);
    private static final Defaults VIT = normalised(false, 224, 0, LINEAR, HALF, HALF);
    private static final Defaults IMAGENET = normalised(false, 224, 0, LINEAR, IMAGENET_MEAN, IMAGENET_STD);

    private static final Map<String, Defaults> KNOWN = Map.ofEntries(
            Map.entry("beit", normalised(false, 256, 224, CUBIC, HALF, HALF)),
            Map.entry("bit", CLIP),
            Map.entry("blip", BLIP),
            Map.entry("chameleon", scaled(true, 512, 512, ResizeFilter.LANCZOS, ONE, ONE, 0.0078)),
            Map.entry("chineseclip", CLIP),
            Map.entry("clip", CLIP),
            Map.entry("convnext", normalised(true, 384, 0, LINEAR, HALF, HALF)),
            Map.entry("deit", normalised(false, 256, 224, CUBIC, HALF, HALF)),
            Map.entry("dpt", normalised(false, 384, 0, CUBIC, HALF, HALF)),
            Map.entry("efficientnet", normalised(false, 346, 0, null, HALF, HALF)),
            Map.entry("gemma3", normalised(false, 224, 0, LINEAR, HALF, HALF)),
            Map.entry("layoutlmv3", VIT),
            Map.entry("levit", normalised(true, 224, 224, CUBIC, IMAGENET_MEAN, IMAGENET_STD)),
            Map.entry("llava", CLIP),
            Map.entry("mobilenetv1", normalised(true, 256, 224, LINEAR, HALF, HALF)),
            Map.entry("mobilenetv2", normalised(true, 256, 224, LINEAR, HALF, HALF)),
            Map.entry("mobilevit", new Defaults(true, 224, 256, LINEAR, false, HALF, HALF, 1 / 255.0)),
            Map.entry("owlvit", normalised(false, 768, 0, CUBIC, CLIP_MEAN, CLIP_STD)),
            Map.entry("poolformer", normalised(true, 224, 224, CUBIC, IMAGENET_MEAN, IMAGENET_STD)),
            Map.entry("pvt", IMAGENET),
            Map.entry("segformer", normalised(false, 512, 0, LINEAR, IMAGENET_MEAN, IMAGENET_STD)),
            Map.entry("siglip", normalised(false, 224, 0, CUBIC, HALF, HALF)),
            Map.entry("vit", VIT),
            Map.entry("vivit", scaled(true, 256, 224, LINEAR, HALF, HALF, 1 / 127.5)));

    /** Processors that do to pixels what none of their keys says. */
    private static final Set<String> OTHER_WORK = Set.of(
            "aria",
            "donut",
            "emu3",
            "flava",
            "fuyu",
            "glm4v",
            "glpn",
            "idefics",
            "idefics2",
            "idefics3",
            "imagegpt",
            "kosmos25",
            "layoutlmv2",
            "llavanext",
            "llavanextvideo",
            "llavaonevision",
            "mllama",
            "nougat",
            "owlv2",
            "perceiver",
            "pix2struct",
            "pixtral",
            "qwen2vl",
            "siglip2",
            "smolvlm",
            "swin2sr",
            "textnet",
            "timmwrapper",
            "vitmatte",
            "vitpose");

    private Processors() {}

    private static Defaults normalised(
            boolean shortest, int size, int crop, @Nullable ResizeFilter filter, List<Double> mean, List<Double> std) {
        return new Defaults(shortest, size, crop, filter, true, mean, std, 1 / 255.0);
    }

    private static Defaults scaled(
            boolean shortest,
            int size,
            int crop,
            ResizeFilter filter,
            List<Double> mean,
            List<Double> std,
            double rescale) {
        return new Defaults(shortest, size, crop, filter, true, mean, std, rescale);
    }

    /** {@code clip} of {@code CLIPImageProcessorFast}: the name without what all have, in small letters and digits. */
    static String shortName(String processor) {
        return processor
                .replaceFirst("(ImageProcessor|FeatureExtractor)(Fast)?$", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]", "");
    }

    /** Whether a processor does more than resizing, cropping, scaling and normalising, so that its file is not enough. */
    static boolean doesOtherWork(String shortName) {
        return OTHER_WORK.contains(shortName);
    }

    /**
     * The defaults of a processor; of one that is not known those of ViT's, and of a file that names none CLIP's kernel.
     *
     * @param cropped whether the file asks for a crop: without a name a size of one number is then the shorter side, as of CLIP
     */
    static Defaults of(String shortName, boolean cropped) {
        Defaults known = KNOWN.get(shortName);
        if (known != null) {
            return known;
        }
        return normalised(shortName.isEmpty() && cropped, 0, 0, shortName.isEmpty() ? CUBIC : LINEAR, HALF, HALF);
    }
}
