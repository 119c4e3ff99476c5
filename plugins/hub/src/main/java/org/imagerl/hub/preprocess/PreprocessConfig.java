package org.imagerl.hub.preprocess;

import java.util.List;
import org.imagerl.images.ResizeFilter;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a manifest's {@code preprocess} section; an absent key has its value from the folder's
 * {@code preprocessor_config.json}.
 *
 * @param size width and height in pixels after resizing, or one number for both
 * @param resize how the size is reached
 * @param filter the kernel
 * @param precision {@code uint8} as Pillow, {@code float} as PyTorch
 * @param crop width and height in pixels, or one number for both; an empty list is no crop
 * @param cropRounding where a crop begins that cannot be in the middle
 * @param fill what stands where there is no image, 0 to 255: 0 is black, 114 the gray of YOLO
 * @param rescale what bytes are multiplied by
 * @param rescaleOffset what is added then, for instance -1
 * @param mean of red, green, blue, after rescaling
 * @param std of red, green, blue, after rescaling
 * @param channelOrder in which the model takes the colours: {@code rgb} or {@code bgr}
 */
public record PreprocessConfig(
        @Nullable List<Integer> size,
        Preprocess.@Nullable Resize resize,
        @Nullable ResizeFilter filter,
        Preprocess.@Nullable Precision precision,
        @Nullable List<Integer> crop,
        Preprocess.@Nullable Rounding cropRounding,
        @Nullable Integer fill,
        @Nullable Double rescale,
        @Nullable Double rescaleOffset,
        @Nullable List<Double> mean,
        @Nullable List<Double> std,
        Preprocess.@Nullable ChannelOrder channelOrder) {
    private static final int MAX_SIDE = 4096;

    /** Refuses what cannot be. */
    public PreprocessConfig {
        requireSides("size", size, 1);
        requireSides("crop", crop, 0);
        if (fill != null && (fill < 0 || fill > 255)) {
            throw UserException.input("fill is " + fill + "; it must be from 0 to 255");
        }
        requireFinite("rescale", rescale);
        requireFinite("rescale_offset", rescaleOffset);
        requireThree("mean", mean);
        requireThree("std", std);
    }

    /** Resizing by another kernel, in another precision and with another place of the crop; all else as without it. */
    public static PreprocessConfig resizing(
            ResizeFilter filter, Preprocess.Precision precision, Preprocess.Rounding rounding) {
        return new PreprocessConfig(null, null, filter, precision, null, rounding, null, null, null, null, null, null);
    }

    /**
     * Bicubic resizing and CLIP's mean and standard deviation.
     *
     * @param size pixels of a side
     * @param crop pixels of a side; empty is no crop
     */
    public static PreprocessConfig clip(
            int size,
            Preprocess.Resize resize,
            Preprocess.Precision precision,
            List<Integer> crop,
            Preprocess.Rounding rounding) {
        return new PreprocessConfig(
                List.of(size),
                resize,
                ResizeFilter.BICUBIC,
                precision,
                crop,
                rounding,
                null,
                1 / 255.0,
                null,
                PreprocessorFile.CLIP_MEAN,
                PreprocessorFile.CLIP_STD,
                null);
    }

    /**
     * As YOLO is given images: bilinear, the proportion kept, gray beside the image, 0 to 1.
     *
     * @param width of the model's input in pixels
     * @param height of the model's input in pixels
     */
    public static PreprocessConfig letterbox(int width, int height) {
        return new PreprocessConfig(
                List.of(width, height),
                width == height ? Preprocess.Resize.LONGEST_PAD : Preprocess.Resize.SQUASH,
                ResizeFilter.BILINEAR,
                Preprocess.Precision.UINT8,
                List.of(),
                null,
                114,
                1 / 255.0,
                null,
                List.of(0.0, 0.0, 0.0),
                List.of(1.0, 1.0, 1.0),
                null);
    }

    private static void requireSides(String key, @Nullable List<Integer> sides, int least) {
        if (sides == null) {
            return;
        }
        boolean fits = sides.size() >= least
                && sides.size() <= 2
                && sides.stream().allMatch(side -> side >= 1 && side <= MAX_SIDE);
        if (!fits) {
            throw UserException.input(
                    key + " must be one or two numbers of pixels from 1 to " + MAX_SIDE + ", for instance [224, 224]");
        }
    }

    private static void requireFinite(String key, @Nullable Double value) {
        if (value != null && !Double.isFinite(value)) {
            throw UserException.input(key + " is " + value + "; it must be a finite number");
        }
    }

    private static void requireThree(String key, @Nullable List<Double> values) {
        boolean fits = values == null
                || (values.size() == 3
                        && values.stream()
                                .allMatch(value -> Double.isFinite(value) && (key.equals("mean") || value > 0)));
        if (!fits) {
            throw UserException.input(
                    key + " must be three numbers, of red, green and blue" + (key.equals("std") ? ", above 0" : ""));
        }
    }

    /** These keys over what is known without them. */
    public Preprocess over(Preprocess beneath) {
        int width = size == null ? beneath.width() : size.get(0);
        int height = size == null ? beneath.height() : size.get(size.size() - 1);
        return new Preprocess(
                resize == null ? beneath.resize() : resize,
                width,
                height,
                filter == null ? beneath.filter() : filter,
                precision == null ? beneath.precision() : precision,
                crop(beneath.crop()),
                fill == null ? beneath.fill() : fill,
                rescale == null ? beneath.rescale() : rescale,
                rescaleOffset == null ? beneath.rescaleOffset() : rescaleOffset,
                mean == null ? beneath.mean() : floats(mean),
                std == null ? beneath.std() : floats(std),
                channelOrder == null ? beneath.channelOrder() : channelOrder);
    }

    /** Whether it can stand alone. */
    public boolean complete() {
        return mean != null && std != null && (size != null || resize == Preprocess.Resize.NONE);
    }

    /** An image of bytes as it is: what a complete configuration is laid over. */
    public static Preprocess bare() {
        return new Preprocess(
                Preprocess.Resize.SQUASH,
                1,
                1,
                ResizeFilter.BICUBIC,
                Preprocess.Precision.UINT8,
                Preprocess.Crop.NONE,
                0,
                1 / 255.0,
                0,
                new float[3],
                new float[] {1, 1, 1},
                Preprocess.ChannelOrder.RGB);
    }

    private Preprocess.Crop crop(Preprocess.Crop beneath) {
        Preprocess.Rounding rounding = cropRounding == null ? beneath.rounding() : cropRounding;
        if (crop == null) {
            return new Preprocess.Crop(beneath.width(), beneath.height(), rounding);
        }
        return crop.isEmpty()
                ? Preprocess.Crop.NONE
                : new Preprocess.Crop(crop.get(0), crop.get(crop.size() - 1), rounding);
    }

    private static float[] floats(List<Double> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i).floatValue();
        }
        return floats;
    }
}
