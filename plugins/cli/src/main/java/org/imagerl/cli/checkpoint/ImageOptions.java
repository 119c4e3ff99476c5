package org.imagerl.cli.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.sampling.ImageStart;
import org.imagerl.training.loop.ImageStartFiles;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for samples that begin with an image. */
final class ImageOptions {
    private static final double CHANGE = 0.8;

    @Option(
            names = "--image",
            paramLabel = "FILE",
            description =
                    "Begin with this image instead of noise alone. Without --width and --height the images have its "
                            + "size, rounded down to what the checkpoint can make")
    private @Nullable Path image;

    @Option(
            names = "--mask",
            paramLabel = "FILE",
            description = "With --image: paint only where this image is white (128 of 255 and more)")
    private @Nullable Path mask;

    @Option(
            names = "--strength",
            paramLabel = "SHARE",
            description =
                    "With --image: the share of the steps that are made, above 0 (the image as it is) to 1. Default: "
                            + "0.8; with --mask 1")
    private @Nullable Double strength;

    /** Refuses what has no effect, and names of no file. */
    void check() {
        if (Path.of("").equals(image) || Path.of("").equals(mask)) {
            throw UserException.input(
                    (Path.of("").equals(image) ? "--image" : "--mask") + " is empty; it takes a file");
        }
        if (image == null && (mask != null || strength != null)) {
            throw UserException.input(
                    (mask != null ? "--mask" : "--strength") + " needs an image to begin with: --image FILE");
        }
    }

    /** The files that images depend on. */
    List<Path> files() {
        List<Path> files = new ArrayList<>();
        if (image != null) {
            files.add(image);
        }
        if (mask != null) {
            files.add(mask);
        }
        return files;
    }

    /** What images depend on, for their texts. */
    void describe(Map<String, String> settings) {
        if (image != null) {
            settings.put("image", String.valueOf(image.getFileName()));
            settings.put("mask", mask == null ? "" : String.valueOf(mask.getFileName()));
            settings.put("strength", Double.toString(strength()));
        }
    }

    private double strength() {
        double usual = mask == null ? CHANGE : 1;
        return strength == null ? usual : strength;
    }

    /** The size of the images, as far as no options say it. */
    ImageSize size(Pipeline pipeline, @Nullable Integer width, @Nullable Integer height) {
        if (image == null) {
            return pipeline.defaultSize().or(width, height);
        }
        ImageDecoder.Size own = ImageDecoder.size(image);
        int multiple = pipeline.sizeMultiple();
        int across = own.width() / multiple * multiple;
        int down = own.height() / multiple * multiple;
        if (across == 0 || down == 0) {
            throw UserException.input(
                    image + ": is " + own.width() + " x " + own.height() + " pixels, but this checkpoint"
                            + " makes multiples of " + multiple + "; give --width and --height");
        }
        return new ImageSize(across, down).or(width, height);
    }

    /** The image to begin with, or null. */
    @Nullable
    ImageStart start(ImageSize size) {
        if (image == null) {
            return null;
        }
        return ImageStartFiles.read(image, mask, strength(), size);
    }
}
