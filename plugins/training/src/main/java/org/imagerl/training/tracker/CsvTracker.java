package org.imagerl.training.tracker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.imagerl.scoring.SheetText;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.run.Tracker;
import org.jspecify.annotations.Nullable;

/**
 * {@code metrics.csv} in the run's folder: a row per epoch, whose first column is {@code step}, and a column per metric. A metric
 * that an epoch does not have, or whose value is not finite, is an empty cell. When an epoch brings a metric for the first time, its
 * column is added at the right, and the table is written anew; otherwise a row is appended. A row that a dying process left
 * unfinished is no row.
 */
final class CsvTracker implements Tracker {
    private static final String STEP = "step";
    private static final int MAX_BYTES = 1 << 28;
    private static final CSVFormat FORMAT =
            CSVFormat.RFC4180.builder().setRecordSeparator('\n').get();

    private final Set<String> columns = new LinkedHashSet<>();
    private @Nullable Path file;

    /** Cells by column. */
    private record Row(long step, Map<String, String> cells) {}

    /** Where the table of a run is. */
    static Path file(Path run) {
        return run.resolve("metrics.csv");
    }

    @Override
    public void begin(Path run, long epoch) {
        file = file(run);
        columns.clear();
        List<Row> kept = new ArrayList<>(read(file));
        kept.removeIf(row -> row.step() > epoch);
        write(file, kept);
    }

    @Override
    public void metrics(long epoch, SortedMap<String, Double> values) {
        Path table = file;
        if (table == null) {
            throw new IllegalStateException("metrics before begin");
        }
        Map<String, String> cells = new TreeMap<>();
        values.forEach((name, value) -> cells.put(name, Double.isFinite(value) ? Double.toString(value) : ""));
        Row row = new Row(epoch, cells);
        if (columns.containsAll(cells.keySet())) {
            append(table, row);
        } else {
            List<Row> rows = new ArrayList<>(read(table));
            rows.add(row);
            columns.addAll(cells.keySet());
            write(table, rows);
        }
    }

    private void append(Path table, Row row) {
        StringBuilder line = new StringBuilder();
        try (CSVPrinter printer = new CSVPrinter(line, FORMAT)) {
            printer.printRecord(cells(row));
            Files.writeString(table, line, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw IoProblems.writing(table, e);
        }
    }

    private void write(Path table, List<Row> rows) {
        StringBuilder text = new StringBuilder();
        try (CSVPrinter printer = new CSVPrinter(text, FORMAT)) {
            List<String> header = new ArrayList<>(List.of(STEP));
            columns.forEach(name -> header.add(SheetText.guarded(name)));
            printer.printRecord(header);
            for (Row row : rows) {
                printer.printRecord(cells(row));
            }
        } catch (IOException e) {
            throw IoProblems.writing(table, e);
        }
        AtomicFile.writeText(table, text.toString());
    }

    private List<String> cells(Row row) {
        List<String> cells = new ArrayList<>(List.of(Long.toString(row.step())));
        columns.forEach(name -> cells.add(row.cells().getOrDefault(name, "")));
        return cells;
    }

    /** The finished rows; the names of the columns are remembered. */
    private List<Row> read(Path table) {
        if (!Files.exists(table)) {
            return List.of();
        }
        String text = BoundedFile.text(table, MAX_BYTES);
        List<Row> rows = new ArrayList<>();
        try (CSVParser parser = CSVParser.parse(text.substring(0, text.lastIndexOf('\n') + 1), FORMAT)) {
            List<String> names = List.of();
            for (CSVRecord line : parser) {
                if (names.isEmpty()) {
                    names = line.stream().map(SheetText::plain).toList();
                    columns.addAll(names.subList(1, names.size()));
                } else {
                    rows.add(row(table, names, line));
                }
            }
        } catch (IOException e) {
            throw IoProblems.reading(table, e);
        }
        return rows;
    }

    private static Row row(Path table, List<String> names, CSVRecord line) {
        if (line.size() != names.size() || !line.get(0).matches("[0-9]{1,18}")) {
            throw UserException.input(table + ": record " + line.getRecordNumber()
                    + ": is no row of metrics, of which each" + " has a step and " + (names.size() - 1)
                    + " cells; move the file away, and the run begins another one");
        }
        Map<String, String> cells = new TreeMap<>();
        for (int i = 1; i < names.size(); i++) {
            cells.put(names.get(i), line.get(i));
        }
        return new Row(Long.parseLong(line.get(0)), cells);
    }
}
