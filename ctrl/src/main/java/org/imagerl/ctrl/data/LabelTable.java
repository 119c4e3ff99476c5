package org.imagerl.ctrl.data;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.imagerl.ctrl.control.Control;
import org.imagerl.images.lists.ListFile;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;

/** A table of labels. */
final class LabelTable implements ListFile.Entries {
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
        if (!ListFile.named(file)) {
            throw UserException.input(file + ": labels are read from .csv and .jsonl files");
        }
        LabelTable table = new LabelTable(file, control);
        ListFile.read(file, new ListFile.Fields(Set.of(FILE_NAME, control.name()), Set.of(FILE_NAME)), table);
        if (table.classes.isEmpty()) {
            throw UserException.input(file + ": has no labels");
        }
        return table.classes;
    }

    @Override
    public void entry(int line, Map<String, String> fields) {
        String where = file + ":" + line;
        String name = fields.getOrDefault(FILE_NAME, "").strip();
        String label = fields.get(control.name());
        if (name.isEmpty() || label == null) {
            throw UserException.input(where + ": needs the columns " + FILE_NAME + " and " + control.name());
        }
        if (classes.put(name, control.number(label.strip(), where)) != null) {
            throw UserException.input(where + ": " + Quote.of(name) + " is labelled twice");
        }
    }

    @Override
    public void problem(int line, String field, String message) {
        throw UserException.input(file + ":" + line + ": " + (field.isEmpty() ? "" : field + ": ") + message);
    }
}
