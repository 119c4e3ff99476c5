package org.imagerl.ctrl.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;
import org.imagerl.ctrl.control.Control;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.toolkit.safetensors.StrictJson;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A table of labels. */
final class LabelTable {
    private static final int MAX_BYTES = 1 << 28;
    private static final String FILE_NAME = "file_name";

    private final Path file;
    private final Control control;
    private final Map<String, Integer> classes = new LinkedHashMap<>();

    private LabelTable(Path file, Control control) {
        this.file = file;
        this.control = control;
    }

    /**
     * Classes by file name.
     *
     * @throws UserException with file and line
     */
    static Map<String, Integer> read(Path file, Control control) {
        LabelTable table = new LabelTable(file, control);
        String text = BoundedFile.text(file, MAX_BYTES);
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".csv")) {
            table.csv(text);
        } else if (name.endsWith(".jsonl")) {
            table.jsonl(text);
        } else {
            throw UserException.input(file + ": labels are read from .csv and .jsonl files");
        }
        if (table.classes.isEmpty()) {
            throw UserException.input(file + ": has no labels");
        }
        return table.classes;
    }

    private void csv(String text) {
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .setIgnoreEmptyLines(true)
                .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
                .get();
        try (CSVParser parser = CSVParser.parse(text, format)) {
            for (CSVRecord row : parser) {
                String where = file + ":" + parser.getCurrentLineNumber();
                add(where, column(row, FILE_NAME), column(row, control.name()));
            }
        } catch (IllegalArgumentException | UncheckedIOException | IOException e) {
            throw UserException.input(file + ": is no table: " + e.getMessage(), e);
        }
    }

    private static @Nullable String column(CSVRecord row, String name) {
        return row.isSet(name) ? row.get(name).strip() : null;
    }

    private void jsonl(String text) {
        int line = 0;
        for (String content : text.lines().toList()) {
            line++;
            if (!content.isBlank()) {
                String where = file + ":" + line;
                ObjectNode entry = StrictJson.object(where, content);
                add(where, value(entry, FILE_NAME), value(entry, control.name()));
            }
        }
    }

    private static @Nullable String value(ObjectNode entry, String name) {
        JsonNode node = entry.get(name);
        return node == null || node.isContainer() || node.isNull() ? null : node.asString();
    }

    private void add(String where, @Nullable String name, @Nullable String label) {
        if (name == null || name.isEmpty() || label == null) {
            throw UserException.input(where + ": needs the columns " + FILE_NAME + " and " + control.name());
        }
        if (classes.put(name, control.number(label, where)) != null) {
            throw UserException.input(where + ": " + name + " is labelled twice");
        }
    }
}
