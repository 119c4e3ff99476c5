package org.imagerl.parquet;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.stream.Collectors;
import org.imagerl.spi.TableFormat;
import org.imagerl.spi.UserException;

/**
 * Parquet by way of an empty DuckDB in memory, which streams: a table may be larger than memory. It loads nothing from the network, and
 * runs no statements but these.
 */
record ParquetFormat(int threads) implements TableFormat {
    private static final String MEMORY_LIMIT = "1GB";

    @Override
    public void toJsonLines(Path table, Path lines) {
        try {
            run("COPY (SELECT * FROM read_parquet(" + text(table) + ")) TO " + text(lines) + " (FORMAT json)");
        } catch (SQLException e) {
            throw UserException.input(table + ": cannot be read as Parquet: " + reason(e), e);
        }
    }

    @Override
    public void fromJsonLines(Path lines, Map<String, ColumnType> columns, Path table) {
        String types = columns.entrySet().stream()
                .map(column -> text(column.getKey()) + ": "
                        + (column.getValue() == ColumnType.NUMBER ? "'DOUBLE'" : "'VARCHAR'"))
                .collect(Collectors.joining(", ", "{", "}"));
        String rows = "read_json(" + text(lines) + ", format = 'newline_delimited', columns = " + types + ")";
        try {
            run("COPY (SELECT * FROM " + rows + ") TO " + text(table) + " (FORMAT parquet, COMPRESSION zstd)");
        } catch (SQLException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT, table + ": cannot be written as Parquet: " + reason(e), e);
        }
    }

    private void run(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement sql = connection.createStatement()) {
            sql.execute("SET threads = " + threads);
            sql.execute("SET memory_limit = '" + MEMORY_LIMIT + "'");
            sql.execute("SET temp_directory = ''"); // nothing is written but the result
            sql.execute("SET autoinstall_known_extensions = false");
            sql.execute("SET autoload_known_extensions = false");
            sql.execute(statement);
        }
    }

    private static String text(Object value) {
        return "'" + value.toString().replace("'", "''") + "'";
    }

    private static String reason(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
    }
}
