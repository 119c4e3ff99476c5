package org.imagerl.images.lists;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;

/**
 * Lists in files, an entry per line: {@code .jsonl} (an object per line) and {@code .csv} (with a header). What the reader of a list does
 * not use may be anything: fields that are nested stay as their JSON text, numbers may be NaN, columns may have no name or the name of
 * another. A value of more than {@value #MAX_EXTRA_CHARS} characters that is not used is left out.
 */
public final class ListFile {
    /** About two million entries of the usual length. */
    public static final int MAX_BYTES = 1 << 28;

    /** A longer one is data (an embedding, a mask), not something to say of an image. */
    static final int MAX_EXTRA_CHARS = 10_000;

    private ListFile() {}

    /**
     * The fields that a reader uses; each of them may be given once, as a single value.
     *
     * @param used their names
     * @param texts those of {@code used} that must be texts in JSON: a number there is a mistake
     */
    public record Fields(Set<String> used, Set<String> texts) {}

    /** Takes the entries of a list. */
    public interface Entries {
        /**
         * The header of a table, before its first entry.
         *
         * @return whether to go on
         */
        default boolean header(List<String> names) {
            return true;
        }

        /**
         * An entry.
         *
         * @param line where it ends, from 1
         * @param fields by name, in their order; without those that are null or, in tables, empty. May be kept and changed.
         */
        void entry(int line, Map<String, String> fields);

        /** Receives what is wrong with an entry, which is then left out; {@code field} may be empty. */
        void problem(int line, String field, String message);
    }

    /** Whether the name of a file is that of a list. */
    public static boolean named(Path file) {
        return isLines(file) || isTable(file);
    }

    /**
     * Reads a list.
     *
     * @throws UserException if it cannot be read, is no text, or is named otherwise
     */
    public static void read(Path file, Fields fields, Entries entries) {
        if (!named(file)) {
            throw UserException.input(file + ": lists are read from .jsonl and .csv files");
        }
        String text = BoundedFile.text(file, MAX_BYTES);
        if (isTable(file)) {
            new TableEntries(fields, entries).read(text);
        } else {
            new JsonEntries(fields, entries).read(text);
        }
    }

    private static boolean isLines(Path file) {
        return name(file).endsWith(".jsonl");
    }

    private static boolean isTable(Path file) {
        return name(file).endsWith(".csv");
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    }
}
