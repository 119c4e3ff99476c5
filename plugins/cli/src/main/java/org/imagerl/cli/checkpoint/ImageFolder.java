package org.imagerl.cli.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.cli.console.Outputs;
import org.imagerl.images.ContactSheet;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PngText;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.HeldFolder;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.toolkit.sampling.ImageSampler;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder of images {@code p000-s0.png}, the number of the prompt and the seed; a grid of them; and {@code prompts.jsonl}, by
 * which {@code imagerl score} knows what belongs to which. What an image depends on stands in its text chunks, files as
 * {@link SampledFiles} knows them: an image that is there with the same texts is not made again.
 */
final class ImageFolder {
    /** More would be a grid that nobody looks at. */
    private static final int MAX_GRID_IMAGES = 256;

    private static final int MAX_COLUMNS = 16;
    private static final String LIST = "prompts.jsonl";
    private static final String GRID = "grid.png";
    /** The keyword of {@link SampledFiles}. */
    static final String ORIGIN = "origin";

    private final Path folder;
    private final Map<String, String> settings;
    private final List<Wish> wishes = new ArrayList<>();
    private final int columns;

    private record Wish(int number, Prompt prompt, long seed, Map<String, String> asked) {
        String fileName() {
            return String.format(Locale.ROOT, "p%03d-s%d.png", number, seed);
        }
    }

    /**
     * What the folder is to hold.
     *
     * @param settings what all images have in common, as texts by keyword
     * @param asked what the checkpoint is conditioned on beside a prompt, as texts by keyword
     * @param seeds of the images of a prompt, by its number: as many for each
     */
    ImageFolder(
            Path folder,
            Map<String, String> settings,
            List<Prompt> prompts,
            Function<Prompt, Map<String, String>> asked,
            IntFunction<List<Long>> seeds) {
        this.folder = folder;
        this.settings = Map.copyOf(settings);
        for (int i = 0; i < prompts.size(); i++) {
            for (long seed : seeds.apply(i)) {
                wishes.add(new Wish(i, prompts.get(i), seed, asked.apply(prompts.get(i))));
            }
        }
        int each = seeds.apply(0).size();
        columns = Math.min(MAX_COLUMNS, each == 1 ? wishes.size() : each);
    }

    /**
     * Makes sure that nothing is there but what the same command made.
     *
     * @throws UserException naming the file that is not
     */
    void requireOwn() {
        if (!Files.isDirectory(folder)) {
            Outputs.freshFolder(folder); // which a file is not
            return;
        }
        Set<String> known = wishes.stream().map(Wish::fileName).collect(Collectors.toCollection(TreeSet::new));
        known.addAll(Set.of(LIST, GRID));
        for (String name : names()) {
            if (!known.contains(name)) {
                throw UserException.input(folder.resolve(name)
                        + ": exists already and is none of the images of this command; delete it, or name another "
                        + "folder with --out");
            }
        }
        for (Wish wish : wishes) {
            requireSame(wish);
        }
    }

    /** What is there, but for hidden files: what a killed process left behind begins with a dot. */
    private List<String> names() {
        try (Stream<Path> entries = Folders.entries(folder)) {
            return entries.map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw IoProblems.reading(folder, e);
        }
    }

    private void requireSame(Wish wish) {
        Path file = file(wish);
        if (!Files.exists(file)) {
            return;
        }
        Map<String, String> there = PngText.read(file);
        Map<String, String> wanted = texts(wish);
        Set<String> keys = new TreeSet<>(there.keySet());
        keys.addAll(wanted.keySet());
        for (String key : keys) {
            // Images of earlier versions do not say what files they were made with; what else they say must agree.
            boolean unsaid = key.equals(ORIGIN) && !there.containsKey(ORIGIN);
            if (!unsaid && !Objects.equals(there.get(key), wanted.get(key))) {
                throw UserException.input(file + ": was made with another " + key + " ("
                        + there.getOrDefault(key, "none") + ") than it would be now ("
                        + wanted.getOrDefault(key, "none")
                        + "); take the old settings back, delete the folder, or name another one with --out");
            }
        }
    }

    /** Whether all is there. */
    boolean finished() {
        return missing().isEmpty()
                && Files.exists(folder.resolve(GRID))
                && Files.exists(folder.resolve(LIST))
                && Outputs.read(folder.resolve(LIST)).equals(list(wishes));
    }

    private List<Wish> missing() {
        return wishes.stream().filter(wish -> !Files.exists(file(wish))).toList();
    }

    /**
     * Makes the images that are not there, prompt by prompt; stops between batches if asked to. What cannot be made is left out.
     *
     * @param batch images computed at a time
     * @throws UserException at the end, if some could not be made
     */
    void fill(ImageSampler sampler, int batch, Progress progress) {
        Outputs.makeFolder(folder);
        HeldFolder held = HeldFolder.of(folder);
        List<Wish> missing = missing();
        List<String> failed = new ArrayList<>();
        int there = wishes.size() - missing.size();
        for (int from = 0; from < missing.size() && !progress.stopped(); from += batch) {
            List<Wish> some = missing.subList(from, Math.min(from + batch, missing.size()));
            List<ImageOrReason> images = make(sampler, some, there + from, progress);
            held.requireThere();
            for (int i = 0; i < images.size(); i++) {
                RgbImage image = images.get(i).image();
                if (image == null) {
                    failed.add(file(some.get(i)) + ": " + images.get(i).reason());
                } else {
                    PngWriter.write(file(some.get(i)), image, texts(some.get(i)));
                }
            }
        }
        held.requireThere();
        describe();
        if (!failed.isEmpty()) {
            throw UserException.input(
                    failed.size() + " of " + wishes.size() + " images could not be made; the first: " + failed.get(0));
        }
    }

    private List<ImageOrReason> make(ImageSampler sampler, List<Wish> some, int from, Progress progress) {
        long steps = sampler.calls();
        long[] seeds = some.stream().mapToLong(Wish::seed).toArray();
        List<Prompt> prompts = some.stream().map(Wish::prompt).toList();
        return sampler.attempts(
                prompts,
                seeds,
                step -> progress.update(
                        "sample, image steps", from * steps + some.size() * (long) step, wishes.size() * steps, ""));
    }

    /** Writes the grid of what is there and then the list: a list of all means that the grid is of all, whenever this is killed. */
    private void describe() {
        List<Wish> made =
                wishes.stream().filter(wish -> Files.exists(file(wish))).toList();
        if (made.isEmpty()) {
            return;
        }
        List<ContactSheet.Cell> cells = made.stream()
                .limit(MAX_GRID_IMAGES)
                .map(wish -> new ContactSheet.Cell(
                        ImageDecoder.decode(file(wish)), List.of(wish.prompt().text(), "seed " + wish.seed())))
                .toList();
        PngWriter.write(
                folder.resolve(GRID),
                ContactSheet.of(Math.min(columns, cells.size()), cells).render(),
                Map.of());
        AtomicFile.writeText(folder.resolve(LIST), list(made));
    }

    private static String list(List<Wish> wishes) {
        StringBuilder list = new StringBuilder();
        for (Wish wish : wishes) {
            Map<String, Object> line =
                    new LinkedHashMap<>(new TreeMap<>(wish.prompt().metadata()));
            line.put("file_name", wish.fileName());
            line.put("prompt", wish.prompt().text());
            line.put("seed", wish.seed());
            list.append(JsonMapper.shared().writeValueAsString(line)).append('\n');
        }
        return list.toString();
    }

    private Path file(Wish wish) {
        return folder.resolve(wish.fileName());
    }

    private Map<String, String> texts(Wish wish) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("prompt", wish.prompt().text());
        texts.put("seed", Long.toString(wish.seed()));
        texts.putAll(wish.asked());
        texts.putAll(new TreeMap<>(settings));
        texts.computeIfPresent("negative_prompt", (key, common) -> wish.prompt().negative(common));
        texts.values().removeIf(String::isEmpty);
        return texts;
    }
}
