package org.imagerl.scoring;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.TableFormat;
import org.imagerl.spi.TableFormat.ColumnType;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.ScratchFolder;
import org.jspecify.annotations.Nullable;

/**
 * Lists of images and prompts, and files of results, in the formats on board and in those of plugins. The latter go through JSON lines:
 * so they are read as strictly, and results are there row by row while a run goes on.
 */
public final class Tables {
    /** Only the formats on board. */
    static final Tables ON_BOARD = new Tables(Map.of());

    private final Map<String, TableFormat> formats;

    private Tables(Map<String, TableFormat> formats) {
        this.formats = Map.copyOf(formats);
    }

    /** The formats of all plugins. */
    public static Tables of(Registry registry, Context context) {
        Map<String, TableFormat> formats = new TreeMap<>();
        registry.factories(Kind.TABLE_FORMAT)
                .forEach((name, factory) ->
                        formats.put(name, BoundPart.of(factory).create(context)));
        return new Tables(formats);
    }

    /** The formats of the plugins that parts know of. */
    public static Tables of(Context context) {
        Map<String, TableFormat> formats = new TreeMap<>();
        for (String type : context.parts().types(TableFormat.class)) {
            String json = "{\"type\": \"" + type + "\"}";
            formats.put(
                    type, context.parts().read(TableFormat.class, json, type).create(context));
        }
        return new Tables(formats);
    }

    /** The format of a plugin; null for those on board, and for others. */
    private @Nullable TableFormat format(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return formats.get(name.substring(name.lastIndexOf('.') + 1));
    }

    /**
     * Reads a list.
     *
     * @throws UserException as {@link PromptFile#readList}; a row of a plugin's table counts as a line
     */
    List<Prompt> prompts(Path file) {
        return read(file, PromptFile::readList);
    }

    /**
     * Reads a list or a table.
     *
     * @param reader of the formats on board; of a plugin's table it is given the JSON lines, and the file is named in its messages
     */
    public <T> T read(Path file, Function<Path, T> reader) {
        TableFormat format = format(file);
        if (format == null && file.toString().endsWith(".parquet")) {
            throw UserException.input(file
                    + ": is read by the plugin imagerl-parquet (docs/scoring.md says how to get it), or save"
                    + " it as .jsonl");
        }
        if (format == null) {
            return reader.apply(file);
        }
        BoundedFile.requireRegular(file);
        try (ScratchFolder scratch = ScratchFolder.create()) {
            Path lines = scratch.path().resolve("list.jsonl");
            format.toJsonLines(file, lines);
            try {
                return reader.apply(lines);
            } catch (UserException e) {
                throw UserException.input(String.valueOf(e.getMessage()).replace(lines.toString(), file.toString()), e);
            }
        }
    }

    /** The file that rows are appended to in a run whose results are wanted in {@code target}: itself, or JSON lines beside it. */
    public Path rows(Path target) {
        return format(target) == null
                ? target
                : target.resolveSibling(String.valueOf(target.getFileName()).replaceFirst("\\.[^.]*$", "") + ".jsonl");
    }

    /**
     * Makes the results of a finished run of its rows, over older ones; nothing is to be done if they are the rows.
     *
     * @param rewards names of the columns
     */
    public void finish(Path rows, List<String> rewards, Path target) {
        TableFormat format = format(target);
        if (format == null) {
            return;
        }
        Map<String, ColumnType> columns = new LinkedHashMap<>(Map.of("file_name", ColumnType.TEXT));
        columns.put("prompt", ColumnType.TEXT);
        rewards.forEach(reward -> columns.put(reward, ColumnType.NUMBER));
        columns.put("error", ColumnType.TEXT);
        columns.put("details", ColumnType.TEXT);
        try (ScratchFolder scratch = ScratchFolder.create()) {
            Path table = scratch.path().resolve("results");
            format.fromJsonLines(rows, columns, table);
            AtomicFile.writeStream(target, out -> Files.copy(table, out));
        }
    }
}
