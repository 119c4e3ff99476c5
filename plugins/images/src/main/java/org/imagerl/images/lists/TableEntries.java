package org.imagerl.images.lists;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.imagerl.spi.text.Quote;

/** Entries of tables. The header is read by hand: it may have columns without name, and several of one name that nobody uses. */
final class TableEntries {
    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setIgnoreEmptyLines(true)
            .setIgnoreSurroundingSpaces(true)
            .get();

    private final ListFile.Fields names;
    private final ListFile.Entries entries;

    TableEntries(ListFile.Fields names, ListFile.Entries entries) {
        this.names = names;
        this.entries = entries;
    }

    void read(String text) {
        try (CSVParser parser = CSVParser.parse(text, FORMAT)) {
            try {
                rows(parser);
            } catch (IllegalArgumentException | UncheckedIOException | IllegalStateException e) {
                problem(parser, "is no table: " + Quote.of(String.valueOf(e.getMessage())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory can be read", e);
        }
    }

    private void rows(CSVParser parser) {
        Iterator<CSVRecord> rows = parser.iterator();
        if (!rows.hasNext()) {
            return;
        }
        List<String> header = rows.next().stream().map(String::strip).toList();
        if (!header(parser, header)) {
            return;
        }
        while (rows.hasNext()) {
            row(parser, header, rows.next());
        }
    }

    private boolean header(CSVParser parser, List<String> header) {
        for (String name : names.used()) {
            if (header.indexOf(name) != header.lastIndexOf(name)) {
                problem(parser, "the header has two columns named " + name);
                return false;
            }
        }
        if (header.size() == 1 && header.get(0).matches("(?s).*[;\t].*")) {
            problem(parser, "the header has one column, " + Quote.of(header.get(0)) + "; separate columns by commas");
            return false;
        }
        return entries.header(header);
    }

    private void row(CSVParser parser, List<String> header, CSVRecord row) {
        List<String> cells = row.toList();
        if (cells.stream().allMatch(String::isBlank)) {
            return; // what is left of a row that was emptied in a spreadsheet
        }
        boolean surplus = cells.size() > header.size()
                && !cells.subList(header.size(), cells.size()).stream().allMatch(String::isBlank);
        if (cells.size() < header.size() || surplus) {
            problem(parser, "has " + cells.size() + " columns, but the header has " + header.size());
            return;
        }
        entries.entry(line(parser), fields(header, cells));
    }

    private Map<String, String> fields(List<String> header, List<String> cells) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 0; i < header.size(); i++) {
            String name = header.get(i);
            String cell = cells.get(i);
            boolean kept = names.used().contains(name) || cell.length() <= ListFile.MAX_EXTRA_CHARS;
            if (!name.isEmpty() && !cell.isEmpty() && kept) {
                fields.putIfAbsent(name, cell);
            }
        }
        return fields;
    }

    private void problem(CSVParser parser, String message) {
        entries.problem(line(parser), "", message);
    }

    private static int line(CSVParser parser) {
        return (int) Math.max(1, parser.getCurrentLineNumber());
    }
}
