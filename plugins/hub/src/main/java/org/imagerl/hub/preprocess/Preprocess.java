package org.imagerl.hub.preprocess;

import java.util.Arrays;
import java.util.Locale;
import org.imagerl.images.FloatResize;
import org.imagerl.images.PilResize;
import org.imagerl.images.ResizeFilter;
import org.imagerl.spi.RgbImage;

/**
 * How an image is made into the input of a vision model: resized, cropped about its centre ({@code fill} where it is smaller), scaled and
 * normalised, {@code (pixel * rescale + rescaleOffset - mean) / std}.
 *
 * @param resize how {@code width} and {@code height} are reached
 * @param width pixels after resizing; of {@code SHORTEST} and {@code LONGEST_PAD} the side that is meant
 * @param height pixels after resizing
 * @param filter the kernel
 * @param precision whether pixels are rounded to bytes after resizing
 * @param crop what is cut out after resizing
 * @param fill what stands where there is no image, in units of bytes, 0 to 255: 0 is black, 114 the gray of YOLO
 * @param rescale factor that brings bytes to the range that mean and std are for: 1/255
 * @param rescaleOffset what is added then: 0, or -1 where bytes become -1 to 1
 * @param mean of red, green, blue
 * @param std of red, green, blue
 * @param channelOrder in which the colours come out, after all else
 */
public record Preprocess(
        Resize resize,
        int width,
        int height,
        ResizeFilter filter,
        Precision precision,
        Crop crop,
        int fill,
        double rescale,
        double rescaleOffset,
        float[] mean,
        float[] std,
        ChannelOrder channelOrder) {

    /** How the size is reached. */
    public enum Resize {
        /** The shorter side gets {@code width} pixels, the longer keeps the proportion, rounded down. */
        SHORTEST,
        /** To {@code width} x {@code height}, whatever the proportion. */
        SQUASH,
        /** The longer side gets {@code width} pixels, and {@code fill} stands on both sides of the shorter. */
        LONGEST_PAD,
        /** As it is. */
        NONE
    }

    /** What resizing computes with. */
    public enum Precision {
        /** Pillow on bytes. */
        UINT8,
        /** PyTorch with antialias, on floats in [0, 1]. */
        FLOAT
    }

    /** The order of the colour planes. */
    public enum ChannelOrder {
        RGB,
        BGR
    }

    /** Where the crop begins if as many pixels cannot be left on both sides. */
    public enum Rounding {
        /** As transformers. */
        FLOOR,
        /** As transformers' fast processors: towards 0, which is another place only where the crop is larger than the image. */
        TRUNCATE,
        /** As torchvision: to the nearest, halves to the even. */
        ROUND
    }

    /**
     * A crop about the centre.
     *
     * @param width pixels; 0 is no crop
     * @param height pixels; 0 is no crop
     */
    public record Crop(int width, int height, Rounding rounding) {
        /** None. */
        public static final Crop NONE = new Crop(0, 0, Rounding.FLOOR);

        int left(int from, int to) {
            return switch (rounding) {
                case FLOOR -> Math.floorDiv(from - to, 2);
                case TRUNCATE -> (from - to) / 2;
                case ROUND -> (int) Math.rint((from - to) / 2.0);
            };
        }
    }

    /** An image as planes: float32 [3, height, width] in units of bytes, 0..255 (cubic values may leave that). */
    private record Planes(int width, int height, float[] values) {

        /** The part of {@code width} x {@code height} pixels that begins at (left, top); {@code fill} where there is none. */
        Planes part(int left, int top, int toWidth, int toHeight, int fill) {
            if (left == 0 && top == 0 && toWidth == width && toHeight == height) {
                return this;
            }
            float[] part = new float[3 * toWidth * toHeight];
            Arrays.fill(part, fill);
            int from = Math.max(0, -left);
            int to = Math.min(toWidth, width - left);
            for (int c = 0; c < 3; c++) {
                for (int y = Math.max(0, -top); y < Math.min(toHeight, height - top) && from < to; y++) {
                    int source = (c * height + y + top) * width + left + from;
                    System.arraycopy(values, source, part, (c * toHeight + y) * toWidth + from, to - from);
                }
            }
            return new Planes(toWidth, toHeight, part);
        }
    }

    /** The width of what comes out, in pixels; 0 if it is that of the image. */
    public int outputWidth() {
        return crop.width > 0 ? crop.width : resize == Resize.SQUASH || resize == Resize.LONGEST_PAD ? width : 0;
    }

    /** The height of what comes out, in pixels; 0 if it is that of the image. */
    public int outputHeight() {
        return crop.height > 0 ? crop.height : resize == Resize.SQUASH || resize == Resize.LONGEST_PAD ? height : 0;
    }

    /** A preprocessed image: {@code values} float32 [3, height, width]. */
    public record Input(int width, int height, float[] values) {}

    /**
     * What happens to one side of an image, width or height: it is resized, and of the result the pixels from {@code first} to {@code first + length - 1} are
     * taken, {@code fill} where there are none.
     *
     * @param resized pixels after resizing
     * @param first below 0 where something comes before the image
     * @param length pixels that come out
     */
    public record Side(int resized, int first, int length) {}

    /** What happens to the width of an image of a size in pixels. */
    public Side horizontal(int imageWidth, int imageHeight) {
        return side(imageWidth, imageWidth, imageHeight, width, crop.width);
    }

    /** What happens to the height of an image of a size in pixels. */
    public Side vertical(int imageWidth, int imageHeight) {
        return side(imageHeight, imageWidth, imageHeight, height, crop.height);
    }

    private Side side(int side, int imageWidth, int imageHeight, int to, int cropped) {
        int resized = switch (resize) {
            case SHORTEST -> Math.toIntExact((long) width * side / Math.min(imageWidth, imageHeight));
            case SQUASH -> to;
            case LONGEST_PAD -> Math.max(1, (int) Math.rint((double) width * side / Math.max(imageWidth, imageHeight)));
            case NONE -> side;
        };
        boolean padded = resize == Resize.LONGEST_PAD;
        int first = padded ? -((to - resized) / 2) : 0;
        int length = padded ? to : resized;
        return cropped == 0
                ? new Side(resized, first, length)
                : new Side(resized, first + crop.left(length, cropped), cropped);
    }

    /** Preprocesses an image. */
    public Input apply(RgbImage image) {
        Side across = horizontal(image.width(), image.height());
        Side down = vertical(image.width(), image.height());
        Planes planes = resized(image, across.resized, down.resized)
                .part(across.first, down.first, across.length, down.length, fill);
        normalise(planes.values, planes.width * planes.height);
        return new Input(planes.width, planes.height, ordered(planes.values, planes.width * planes.height));
    }

    private void normalise(float[] values, int pixels) {
        for (int c = 0; c < 3; c++) {
            float scale = (float) (rescale / std[c]);
            float offset = (float) ((rescaleOffset - mean[c]) / std[c]);
            for (int i = c * pixels; i < (c + 1) * pixels; i++) {
                values[i] = values[i] * scale + offset;
            }
        }
    }

    private float[] ordered(float[] values, int pixels) {
        if (channelOrder == ChannelOrder.RGB) {
            return values;
        }
        float[] turned = new float[values.length];
        for (int c = 0; c < 3; c++) {
            System.arraycopy(values, c * pixels, turned, (2 - c) * pixels, pixels);
        }
        return turned;
    }

    private Planes resized(RgbImage image, int toWidth, int toHeight) {
        return precision == Precision.FLOAT
                ? floats(FloatResize.resize(image, toWidth, toHeight, filter), toWidth, toHeight)
                : bytes(PilResize.resize(image, toWidth, toHeight, filter));
    }

    private static Planes floats(float[] values, int width, int height) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= 255;
        }
        return new Planes(width, height, values);
    }

    private static Planes bytes(RgbImage image) {
        int pixels = image.width() * image.height();
        float[] values = new float[3 * pixels];
        byte[] rgb = image.rgb();
        for (int i = 0; i < pixels; i++) {
            values[i] = rgb[3 * i] & 0xff;
            values[pixels + i] = rgb[3 * i + 1] & 0xff;
            values[2 * pixels + i] = rgb[3 * i + 2] & 0xff;
        }
        return new Planes(image.width(), image.height(), values);
    }

    /** For people: {@code shortest 224 bicubic uint8, crop 224 x 224, mean [..], std [..]}. */
    public String describe() {
        String size = resize == Resize.SQUASH ? width + " x " + height : Integer.toString(width);
        String cropped = crop.width == 0 ? "" : ", crop " + crop.width + " x " + crop.height;
        return resize.name().toLowerCase(Locale.ROOT).replace('_', '-')
                + (resize == Resize.NONE ? "" : " " + size + " " + filter.name().toLowerCase(Locale.ROOT))
                + " " + precision.name().toLowerCase(Locale.ROOT) + cropped
                + (fill == 0 ? "" : ", filled with " + fill)
                + ", rescale " + rescale
                + (rescaleOffset == 0 ? "" : rescaleOffset < 0 ? " - " + -rescaleOffset : " + " + rescaleOffset)
                + ", mean " + Arrays.toString(mean)
                + ", std " + Arrays.toString(std)
                + (channelOrder == ChannelOrder.RGB ? "" : ", blue first");
    }
}
