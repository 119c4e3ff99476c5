package org.imagerl.samples.parts;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.imagerl.spi.TableFormat;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.StrictJson;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tables whose columns are separated by tabs, with the names of the columns in the first line. A tab, an end of a line and a backslash within a
 * value are written as a backslash and a letter, as databases do.
 */
final class TabFormat implements TableFormat {
    private static final Pattern ESCAPED = Pattern.compile("\\\\([tnr\\\\])");

    @Override
    public void toJsonLines(Path table, Path lines) {
        try (BufferedReader in =
                        new BufferedReader(new InputStreamReader(BoundedFile.open(table), StandardCharsets.UTF_8));
                BufferedWriter out = Files.newBufferedWriter(lines)) {
            String first = in.readLine();
            if (first == null || first.chars().anyMatch(letter -> letter < ' ' && letter != '\t')) {
                throw UserException.input(table + ": must begin with a line of names with tabs between them");
            }
            String[] columns = first.split("\t", -1);
            int number = 1;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                String[] values = line.split("\t", -1);
                if (values.length != columns.length) {
                    throw UserException.input(table + ":" + number + ": has " + values.length
                            + " columns, but the first line names " + columns.length);
                }
                ObjectNode row = StrictJson.newObject();
                for (int i = 0; i < columns.length; i++) {
                    row.put(read(columns[i]), read(values[i]));
                }
                out.write(StrictJson.compact(row) + "\n");
            }
        } catch (IOException e) {
            throw IoProblems.reading(table, e);
        }
    }

    @Override
    public void fromJsonLines(Path lines, Map<String, ColumnType> columns, Path table) {
        try (BufferedReader in = Files.newBufferedReader(lines);
                BufferedWriter out = Files.newBufferedWriter(table)) {
            out.write(columns.keySet().stream().map(TabFormat::written).collect(Collectors.joining("\t", "", "\n")));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                ObjectNode row = StrictJson.object(lines.toString(), line);
                out.write(columns.keySet().stream()
                        .map(column -> written(row.path(column).asString("")))
                        .collect(Collectors.joining("\t", "", "\n")));
            }
        } catch (IOException e) {
            throw IoProblems.writing(table, e);
        }
    }

    private static String written(String value) {
        return value.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    private static String read(String value) {
        return ESCAPED.matcher(value).replaceAll(found -> switch (found.group(1)) {
            case "t" -> "\t";
            case "n" -> "\n";
            case "r" -> "\r";
            default -> Matcher.quoteReplacement("\\");
        });
    }
}
