package org.imagerl.ctrl.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.imagerl.ctrl.control.Control;
import org.imagerl.images.EmbeddedPrompt;
import org.imagerl.images.ImageFiles;
import org.imagerl.images.lists.ImageListing;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.FolderListing;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.toolkit.recipe.Groups;

/**
 * Finds images and the source of their classes: sub-folders, tables, scores of a reward.
 *
 * @param folder of the images
 * @param source what is asked for
 * @param context where files are, and what rewards are made with
 */
record LabelReader(Path folder, LabelledImages.Source source, Context context) {
    private static final int SCORED_AT_A_TIME = 64;

    /**
     * All images with their classes, whatever their sizes.
     *
     * @param lines takes which sub-folder is which class
     * @throws UserException if a label is outside its classes or missing
     */
    LabelledImages read(Consumer<String> lines) {
        return source.labels().get(0) instanceof Labels.Folders folders ? subFolders(folders, lines) : labelled();
    }

    /** The folders that images are in. */
    Stream<Path> folders() {
        return source.labels().get(0) instanceof Labels.Folders
                ? list(folder, Files::isDirectory).stream()
                : Stream.of(folder);
    }

    private LabelledImages subFolders(Labels.Folders labels, Consumer<String> lines) {
        List<Path> classes = list(folder, Files::isDirectory);
        if (classes.size() < 2) {
            throw UserException.input(folder + ": has " + classes.size()
                    + " sub-folders; labels of the type folders need one for each of at least two classes");
        }
        lines.accept(labels.control() + ": "
                + IntStream.range(0, classes.size())
                        .mapToObj(k -> "class " + k + " is " + classes.get(k).getFileName())
                        .collect(Collectors.joining(", ")));
        List<LabelledImages.Labelled> images = new ArrayList<>();
        for (int k = 0; k < classes.size(); k++) {
            for (Path file : list(classes.get(k), LabelReader::isImage)) {
                images.add(new LabelledImages.Labelled(file, new int[] {k}));
            }
        }
        return new LabelledImages(List.of(control("labels", labels.control(), classes.size())), images);
    }

    private LabelledImages labelled() {
        List<Path> files = list(folder, LabelReader::isImage);
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
                        scores(scored, files, files.stream().map(file -> none).toList());
                columns.add(Arrays.stream(scores).mapToInt(scored::classOf).toArray());
            } else if (labels instanceof Labels.PromptScored scored) {
                controls.add(
                        control("labels", scored.control(), scored.thresholds().size() + 1));
                columns.add(ofPrompts(scored.single(), files));
            }
        }
        if (controls.stream().map(Control::name).distinct().count() < controls.size()) {
            throw UserException.input("labels: two sources are for one control: "
                    + controls.stream().map(Control::name).toList());
        }
        List<LabelledImages.Labelled> images = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            int row = i;
            images.add(new LabelledImages.Labelled(
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
    private int[] ofPrompts(Labels.Scored labels, List<Path> files) {
        List<Prompt> prompts = files.stream().map(LabelReader::promptOf).toList();
        double[] scores = scores(labels, files, prompts);
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

    private double[] scores(Labels.Scored labels, List<Path> files, List<Prompt> prompts) {
        double[] values = new double[files.size()];
        try (Reward reward = labels.scorer(context)) {
            prompts.stream()
                    .distinct()
                    .filter(prompt -> !prompt.text().isEmpty())
                    .forEach(reward::check);
            for (int from = 0; from < files.size(); from += SCORED_AT_A_TIME) {
                int to = Math.min(files.size(), from + SCORED_AT_A_TIME);
                List<Path> some = files.subList(from, to);
                List<RgbImage> images = some.stream()
                        .map(file -> LabelledImages.decode(file, source))
                        .toList();
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

    static void requireFolder(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw UserException.input(folder + ": there is no such folder of images");
        }
    }

    private static List<Path> list(Path folder, Predicate<Path> wanted) {
        requireFolder(folder);
        try (Stream<Path> entries = Folders.entries(folder)) {
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
