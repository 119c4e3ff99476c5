package org.imagerl.ctrl.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.imagerl.ctrl.control.Control;
import org.imagerl.images.ExifOrientation;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.lists.ImageListing;
import org.imagerl.spi.Context;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.random.RandomStreams;

/**
 * Images of one size, each with a class of every control.
 *
 * @param controls in the order of the labels
 * @param images in the order of their names
 */
public record LabelledImages(List<Control> controls, List<Labelled> images) {
    /**
     * An image file and its class of each control.
     *
     * @param file where it is
     * @param classes one per control
     */
    public record Labelled(Path file, int[] classes) {}

    /**
     * The folder, the source of the labels, and the size of the images.
     *
     * @param folder of the images, relative to the configuration
     * @param labels where their classes are from
     * @param fraction of the images that is used, chosen by the seed; 1 is all
     * @param width of every image in pixels, that of what the checkpoint makes
     * @param height of every image in pixels
     * @param exifOrientation whether images are turned as their EXIF data ask for, before their size is looked at
     */
    public record Source(
            String folder,
            List<Labels> labels,
            double fraction,
            Integer width,
            Integer height,
            ExifOrientation exifOrientation) {
        /** Checks the ranges. */
        public Source {
            if (labels != null && labels.isEmpty()) {
                throw new IllegalArgumentException("labels must have at least one source");
            }
            if (labels != null
                    && labels.size() > 1
                    && labels.stream().anyMatch(source -> source instanceof Labels.Folders)) {
                throw new IllegalArgumentException("labels: sub-folders as classes go with no other source");
            }
            if (!(fraction > 0 && fraction <= 1)) {
                throw new IllegalArgumentException("fraction must be above 0, at most 1");
            }
            if ((width != null && width < 1) || (height != null && height < 1)) {
                throw new IllegalArgumentException("width and height must be at least 1");
            }
        }

        /** A source whose images are used as they are stored. */
        public Source(String folder, List<Labels> labels, double fraction, Integer width, Integer height) {
            this(folder, labels, fraction, width, height, ExifOrientation.IGNORE);
        }

        /** The files with labels. */
        public List<Path> tables(Context context) {
            return labels.stream()
                    .filter(Labels.Table.class::isInstance)
                    .map(source -> context.folder().resolve(((Labels.Table) source).file()))
                    .toList();
        }

        /** All images; the rest is required. */
        @SuppressWarnings("NullAway") // what has no default
        public static Source defaults() {
            return new Source(null, null, 1, null, null);
        }
    }

    /**
     * Finds the images and their classes.
     *
     * @param lines takes what a person wants to see: the balance of the classes, and which sub-folder is which
     * @throws UserException if a label is outside its classes, a class is empty, there is one class only, or an image has another size
     */
    public static LabelledImages read(Source source, long seed, Context context, Consumer<String> lines) {
        Path folder = context.folder().resolve(source.folder());
        LabelReader reader = new LabelReader(folder, source, context);
        LabelledImages all = reader.read(lines);
        reader.folders().map(ImageListing::of).map(ImageListing::notice).forEach(notice -> {
            if (!notice.isEmpty()) {
                lines.accept(notice);
            }
        });
        LabelledImages used = all.some(source.fraction(), seed);
        for (int k = 0; k < used.controls.size(); k++) {
            lines.accept(used.balance(k));
        }
        used.requireEveryClass(folder);
        used.requireSize(source);
        String turned = source.exifOrientation()
                .notice(used.images.stream().map(Labelled::file).toList());
        if (!turned.isEmpty()) {
            lines.accept(turned);
        }
        return used;
    }

    /** Decodes an image of the right size. */
    public static RgbImage decode(Path file, Source source) {
        RgbImage image = ImageDecoder.decode(file, source.exifOrientation).image();
        requireSize(file, image.width(), image.height(), source.width, source.height);
        return image;
    }

    /** Reads only the headers of the images, because tables and folders do not tell their sizes. */
    private void requireSize(Source source) {
        for (Labelled image : images) {
            ImageDecoder.Size size = ImageDecoder.size(image.file(), source.exifOrientation);
            requireSize(image.file(), size.width(), size.height(), source.width(), source.height());
        }
    }

    private static void requireSize(Path file, int width, int height, int expectedWidth, int expectedHeight) {
        if (width != expectedWidth || height != expectedHeight) {
            throw UserException.input(
                    file + ": is " + width + " x " + height + ", expected " + expectedWidth + " x " + expectedHeight
                            + ", the size of the images that the checkpoint makes; resize it, or set width and"
                            + " height");
        }
    }

    private LabelledImages some(double fraction, long seed) {
        int count = (int) Math.max(1, Math.round(fraction * images.size()));
        int[] order = new RandomStreams(seed).permutation(images.size(), "fraction of labelled pictures");
        int[] chosen =
                Arrays.stream(order, 0, Math.min(count, order.length)).sorted().toArray();
        return new LabelledImages(
                controls, Arrays.stream(chosen).mapToObj(images::get).toList());
    }

    private String balance(int control) {
        long[] counts = counts(control);
        return controls.get(control).name() + ": "
                + IntStream.range(0, counts.length)
                        .mapToObj(k -> "class " + k + " " + counts[k])
                        .collect(Collectors.joining(", "));
    }

    private long[] counts(int control) {
        long[] counts = new long[controls.get(control).classes()];
        images.forEach(image -> counts[image.classes()[control]]++);
        return counts;
    }

    private void requireEveryClass(Path folder) {
        for (int k = 0; k < controls.size(); k++) {
            long[] counts = counts(k);
            int control = k;
            List<Integer> empty = IntStream.range(0, counts.length)
                    .filter(i -> counts[i] < 2)
                    .boxed()
                    .toList();
            if (!empty.isEmpty()) {
                throw UserException.input(
                        folder + ": of the control " + controls.get(control).name()
                                + " the classes " + empty + " have fewer than two images ("
                                + balance(control) + "); give more images, or other classes or thresholds");
            }
        }
    }

    /**
     * The indices of the images that are held out, the same share of every class of the first control.
     *
     * @param share of the images, at least one per class
     */
    public Set<Integer> heldOut(double share, long seed) {
        Map<Integer, List<Integer>> byClass = new LinkedHashMap<>();
        for (int i : new RandomStreams(seed).permutation(images.size(), "held-out pictures")) {
            byClass.computeIfAbsent(images.get(i).classes()[0], k -> new ArrayList<>())
                    .add(i);
        }
        return byClass.values().stream()
                .flatMap(members -> members.subList(0, heldOut(share, members.size())).stream())
                .collect(Collectors.toSet());
    }

    /** The number of held-out members of a class: at least one, and not all. */
    private static int heldOut(double share, int members) {
        return Math.min(members - 1, (int) Math.max(1, Math.round(share * members)));
    }
}
