package org.imagerl.training.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.config.Origin;
import org.imagerl.config.Problems;
import org.imagerl.images.ImageFiles;
import org.imagerl.images.lists.CaptionFolder;
import org.imagerl.images.lists.ListFile;
import org.imagerl.scoring.ListedFiles;
import org.imagerl.scoring.Tables;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.Example;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/** Reads a table of examples row by row: what is wrong is collected, and what is right goes to disk. */
final class ImageTableReader implements ListFile.Entries {
    /** Far beyond what any text encoder takes. */
    private static final int MAX_PROMPT_CHARS = 20_000;

    private final Path table;
    private final Columns columns;
    private final ImageTable.Settings settings;
    private final ListedFiles files;
    private final ExampleFile examples;
    private final Problems problems = new Problems();
    private final List<Prompt> heldOut = new ArrayList<>();
    private final List<Example> heldOutExamples = new ArrayList<>();
    private final Set<Long> heldOutHashes = new HashSet<>();
    private final Set<String> splits = new TreeSet<>();
    private long[] hashes = new long[1024];

    private ImageTableReader(Path table, Path folder, Columns columns, ImageTable.Settings settings, ExampleFile to) {
        this.table = table;
        this.columns = columns;
        this.settings = settings;
        this.examples = to;
        this.files = new ListedFiles(folder, table, settings.allowOutside());
    }

    /**
     * Reads a table, or a folder with captions.
     *
     * @throws UserException with all problems, each with file and line; also if there is no example or an image is not there
     */
    static DataSource read(Columns columns, ImageTable.Settings settings, Context context) {
        String named = settings.folder();
        Path folder = named == null ? null : context.folder().resolve(named);
        Path table = table(columns, settings, context.folder(), folder);
        Path images =
                folder == null ? Objects.requireNonNull(table.toAbsolutePath().getParent()) : folder;
        ExampleFile examples = new ExampleFile();
        try {
            ImageTableReader reader = new ImageTableReader(table, images, columns, settings, examples);
            if (table.equals(folder)) {
                reader.readCaptions(context);
            } else {
                Tables.of(context).read(table, file -> reader.read(file));
            }
            return reader.made();
        } catch (RuntimeException | Error e) {
            examples.close();
            throw e;
        }
    }

    /** The table, or the folder if it has none. */
    private static Path table(Columns columns, ImageTable.Settings settings, Path config, @Nullable Path folder) {
        String file = settings.file();
        if (file != null) {
            return config.resolve(file);
        }
        boolean captioned = columns.equals(Columns.DEMONSTRATIONS);
        if (folder == null || !captioned) {
            throw UserException.input("data.file: is missing: a table with the columns "
                    + String.join(", ", columns.missing(List.of()))
                    + (captioned ? "; or name a folder of images with captions (data.folder)" : ""));
        }
        return Stream.of("metadata.jsonl", "metadata.csv")
                .map(folder::resolve)
                .filter(Files::exists)
                .findFirst()
                .orElse(folder);
    }

    private void readCaptions(Context context) {
        if (settings.split() != null) {
            throw UserException.input("data.split: " + table + " is a folder with captions, which has no splits; leave"
                    + " data.split out, or name a table (data.file)");
        }
        int number = 0;
        BiConsumer<Path, String> wrong = (image, problem) -> problems.add(Origin.of(image.toString()), "", problem);
        for (CaptionFolder.Captioned image : CaptionFolder.read(table, wrong, context.warnings())) {
            for (int i = 0; i < image.repeats(); i++) {
                StoredImage stored =
                        new StoredImage(image.image().toAbsolutePath().toString(), 1);
                add(new Example(new Prompt(Integer.toString(++number), image.caption(), Map.of()), List.of(stored)));
            }
        }
    }

    /** The returned value has no meaning. */
    private boolean read(Path file) {
        ListFile.read(file, new ListFile.Fields(columns.names(), columns.names()), this);
        return true;
    }

    private DataSource made() {
        String missing = files.notice();
        if (!missing.isEmpty()) {
            problems.add(
                    Origin.of(table.toString()),
                    "",
                    missing + "; names are relative to the folder of the table, or to data.folder");
        }
        problems.throwIfAny();
        if (examples.size() == 0) {
            throw UserException.input(table + ": has no examples to train on" + reason());
        }
        return new ImageTable(
                table, columns, settings, examples, Arrays.copyOf(hashes, examples.size()), heldOut, heldOutExamples);
    }

    private String reason() {
        if (!heldOut.isEmpty()) {
            return ": all are held out; lower data.held_out";
        }
        return settings.split() == null
                ? ": it has no " + (Files.isDirectory(table) ? "images (" + ImageFiles.endings() + ")" : "rows")
                : " of split " + Quote.of(settings.split()) + " (its splits: "
                        + (splits.isEmpty() ? "none" : Quote.of(String.join(", ", splits))) + ")";
    }

    @Override
    public boolean header(List<String> names) {
        List<String> missing = columns.missing(names);
        String found = names.stream().map(Quote::of).collect(Collectors.joining(", "));
        missing.forEach(
                name -> problem(1, "", "the header has no column named " + name + "; its columns are " + found));
        return missing.isEmpty();
    }

    @Override
    public void entry(int line, Map<String, String> fields) {
        String split = fields.remove(Columns.SPLIT);
        if (settings.split() != null && !settings.split().equals(split)) {
            splits.add(split == null ? "none" : split);
            return;
        }
        String text = Columns.take(fields, columns.prompt());
        List<StoredImage> images = images(line, fields);
        if (text == null || text.isBlank()) {
            problem(line, columns.prompt().get(0), "is missing");
        } else if (text.length() > MAX_PROMPT_CHARS) {
            problem(line, columns.prompt().get(0), "has more than " + MAX_PROMPT_CHARS + " characters");
        } else if (images != null) {
            add(new Example(new Prompt(Integer.toString(line), text, fields), images));
        }
    }

    private void add(Example example) {
        long hash = PromptHash.of(example.prompt().text());
        if (PromptHash.share(hash) < settings.heldOut()) {
            if (heldOutHashes.add(hash)) {
                heldOut.add(example.prompt());
            }
            if (heldOutExamples.size() < DataSource.HELD_OUT_EXAMPLES) {
                heldOutExamples.add(example);
            }
            return;
        }
        int size = examples.size();
        hashes = size < hashes.length ? hashes : Arrays.copyOf(hashes, 2 * size);
        hashes[size] = hash;
        examples.add(example);
    }

    /** Null after a problem. */
    private @Nullable List<StoredImage> images(int line, Map<String, String> fields) {
        List<StoredImage> images = new ArrayList<>();
        Set<Path> different = new HashSet<>();
        for (int i = 0; i < columns.images().size(); i++) {
            List<String> names = columns.images().get(i);
            String name = Columns.take(fields, names);
            Path file = files.find(name == null ? "" : name, problem -> problem(line, names.get(0), problem));
            if (file == null) {
                return null;
            }
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                problem(line, names.get(0), Quote.of(String.valueOf(name)) + " is no file, but a folder or a device");
                return null;
            }
            if (!different.add(file)) {
                problem(line, names.get(0), Quote.of(String.valueOf(name)) + " is the other image of the pair, too");
                return null;
            }
            images.add(new StoredImage(file.toString(), columns.advantages().get(i)));
        }
        return images;
    }

    @Override
    public void problem(int line, String field, String message) {
        problems.add(new Origin(table.toString(), line, 0), field, message);
    }
}
