package org.imagerl.ctrl.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.imagerl.ctrl.control.Control;
import org.imagerl.images.EmbeddedPrompt;
import org.imagerl.images.ExifOrientation;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.ImageFiles;
import org.imagerl.images.lists.ImageListing;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.FolderListing;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.Groups;

/**
 * Images of one size, each with a class of every control.
 *
 * @param controls in the order of the labels
 * @param images in the order of their names
 */
public record LabelledImages(List<Control> controls, List<Labelled> images) {
    private static final int SCORED_AT_A_TIME = 64;

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
        LabelledImages all = source.labels().get(0) instanceof Labels.Folders folders
                ? subFolders(folder, folders, lines)
                : labelled(folder, source, context);
        folders(folder, source).map(ImageListing::of).map(ImageListing::notice).forEach(notice -> {
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

    private static Stream<Path> folders(Path folder, Source source) {
        return source.labels().get(0) instanceof Labels.Folders
                ? list(folder, Files::isDirectory).stream()
                : Stream.of(folder);
    }

    private static LabelledImages subFolders(Path folder, Labels.Folders labels, Consumer<String> lines) {
        List<Path> classes = list(folder, Files::isDirectory);
        if (classes.size() < 2) {
            throw UserException.input(folder + ": has " + classes.size()
                    + " sub-folders; labels of the type folders need one for each of at least two classes");
        }
        lines.accept(labels.control() + ": "
                + IntStream.range(0, classes.size())
                        .mapToObj(k -> "class " + k + " is " + classes.get(k).getFileName())
                        .collect(Collectors.joining(", ")));
        List<Labelled> images = new ArrayList<>();
        for (int k = 0; k < classes.size(); k++) {
            for (Path file : list(classes.get(k), LabelledImages::isImage)) {
                images.add(new Labelled(file, new int[] {k}));
            }
        }
        return new LabelledImages(List.of(control("labels", labels.control(), classes.size())), images);
    }

    private static LabelledImages labelled(Path folder, Source source, Context context) {
        List<Path> files = list(folder, LabelledImages::isImage);
        if (files.isEmpty()) {
            throw ImageListing.of(folder).refusal(folder);
        }
        List<Control> controls = new ArrayList<>();
        List<int[]> columns = new ArrayList<>();
        for (Labels labels : source.labels()) {
            if (labels instanceof Labels.Table table) {
                Control control = control("labels", table.control(), table.classes());
                controls.add(control);
                columns.add(fromTable(context.folder().resolve(table.file()), control, files));
            } else if (labels instanceof Labels.Scored scored) {
                controls.add(
                        control("labels", scored.control(), scored.thresholds().size() + 1));
                Prompt none = Prompt.of("", "");
                double[] scores =
                        scores(scored, files, files.stream().map(file -> none).toList(), source, context);
                columns.add(Arrays.stream(scores).mapToInt(scored::classOf).toArray());
            } else if (labels instanceof Labels.PromptScored scored) {
                controls.add(
                        control("labels", scored.control(), scored.thresholds().size() + 1));
                columns.add(ofPrompts(scored.single(), files, source, context));
            }
        }
        if (controls.stream().map(Control::name).distinct().count() < controls.size()) {
            throw UserException.input("labels: two sources are for one control: "
                    + controls.stream().map(Control::name).toList());
        }
        List<Labelled> images = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            int row = i;
            images.add(new Labelled(
                    files.get(i),
                    columns.stream().mapToInt(column -> column[row]).toArray()));
        }
        return new LabelledImages(List.copyOf(controls), images);
    }

    private static Control control(String where, String name, int classes) {
        try {
            return new Control(name, classes);
        } catch (IllegalArgumentException e) {
            throw UserException.input(where + ": control " + e.getMessage(), e);
        }
    }

    private static int[] fromTable(Path table, Control control, List<Path> files) {
        Map<String, Integer> classes = LabelTable.read(table, control);
        return files.stream()
                .mapToInt(file -> {
                    Integer klass = classes.get(String.valueOf(file.getFileName()));
                    if (klass == null) {
                        throw UserException.input(table + ": has no label of " + file);
                    }
                    return klass;
                })
                .toArray();
    }

    /** The class of the mean score of each image's prompt. */
    private static int[] ofPrompts(Labels.Scored labels, List<Path> files, Source source, Context context) {
        List<Prompt> prompts = files.stream().map(LabelledImages::promptOf).toList();
        double[] scores = scores(labels, files, prompts, source, context);
        int[] classes = new int[scores.length];
        List<String> texts = prompts.stream().map(Prompt::text).toList();
        for (int[] group : Groups.of(texts)) {
            if (group.length == 1) {
                throw UserException.input(files.get(group[0]) + ": is the only image of its prompt, and the mean of one"
                        + " is its luck; make more images of each prompt (imagerl sample --seeds-per-prompt 8), or"
                        + " label by type: scored");
            }
            double mean =
                    Arrays.stream(group).mapToDouble(i -> scores[i]).average().orElseThrow();
            Arrays.stream(group).forEach(i -> classes[i] = labels.classOf(mean));
        }
        return classes;
    }

    private static Prompt promptOf(Path file) {
        String text = EmbeddedPrompt.read(file).text();
        if (text.isBlank()) {
            throw UserException.input(file + ": has no prompt in it, by which images are put together; imagerl sample"
                    + " writes it, or label by type: scored");
        }
        return Prompt.of("", text);
    }

    private static double[] scores(
            Labels.Scored labels, List<Path> files, List<Prompt> prompts, Source source, Context context) {
        double[] values = new double[files.size()];
        try (Reward reward = labels.scorer(context)) {
            prompts.stream()
                    .distinct()
                    .filter(prompt -> !prompt.text().isEmpty())
                    .forEach(reward::check);
            for (int from = 0; from < files.size(); from += SCORED_AT_A_TIME) {
                int to = Math.min(files.size(), from + SCORED_AT_A_TIME);
                List<Path> some = files.subList(from, to);
                List<RgbImage> images =
                        some.stream().map(file -> decode(file, source)).toList();
                List<Score> scores = reward.score(images, prompts.subList(from, to));
                for (int i = 0; i < scores.size(); i++) {
                    if (!scores.get(i).ok()) {
                        throw UserException.input(some.get(i) + ": has no score by "
                                + labels.reward().type() + ": " + scores.get(i).error());
                    }
                    values[from + i] = scores.get(i).value();
                }
            }
        }
        return values;
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

    static void requireFolder(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw UserException.input(folder + ": there is no such folder of images");
        }
    }

    private static List<Path> list(Path folder, Predicate<Path> wanted) {
        requireFolder(folder);
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> !FolderListing.ofSystem(entry))
                    .filter(wanted)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw IoProblems.reading(folder, e);
        }
    }

    private static boolean isImage(Path file) {
        return Files.isRegularFile(file) && ImageFiles.single(file);
    }
}
