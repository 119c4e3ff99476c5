package org.imagerl.spi;

import java.nio.file.Path;
import java.util.Map;

/**
 * A format of tables beside the built-in ones (CSV, JSON lines). It converts from and to JSON lines: lists of images
 * and prompts are read, results are written. The name of its factory is the ending of its files: {@code parquet} makes
 * {@code .parquet} known.
 */
public interface TableFormat {

    /** The type of a column. */
    enum ColumnType {
        TEXT,
        /** A double, or nothing. */
        NUMBER
    }

    /**
     * Writes a table as JSON lines, an object per row in the order of the table.
     *
     * @param table a stranger's file
     * @param lines does not exist yet
     * @throws UserException if it is no such table, naming the file and the reason
     */
    void toJsonLines(Path table, Path lines);

    /**
     * Writes a table of a file of JSON lines, a row per line.
     *
     * @param columns in their order; a text may stand for any JSON value
     * @param table does not exist yet
     * @throws UserException if it cannot be written
     */
    void fromJsonLines(Path lines, Map<String, ColumnType> columns, Path table);
}
