package org.imagerl.scoring;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.UserText;
import org.imagerl.spi.text.Quote;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads results back, a row at a time. Details are left out: they are for people. */
public final class ScoreReader {
    /** Other programs write NaN for what is missing. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private ScoreReader() {}

    /**
     * Reads a file that {@link ScoreWriter} wrote.
     *
     * @param rows takes each row in the order of the file
     * @throws UserException if it is none, naming the line
     */
    public static void read(Path file, Consumer<ScoreRow> rows) {
        try (BufferedReader in = UserText.open(file)) {
            if (ScoreWriter.isJsonLines(file.toString())) {
                jsonLines(file, in, rows);
            } else {
                table(file, in, rows);
            }
        } catch (UncheckedIOException | IllegalArgumentException | IllegalStateException e) { // of the parser of tables
            throw UserException.input(
                    file + ": is no file of results of imagerl score: " + Quote.of(String.valueOf(e.getMessage())), e);
        } catch (CharacterCodingException e) {
            throw UserException.input(file + ": is no text; save it as UTF-8", e);
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    private static void jsonLines(Path file, BufferedReader in, Consumer<ScoreRow> rows) throws IOException {
        int number = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                rows.accept(row(file, number, JSON.readTree(line)));
            } catch (JacksonException e) {
                throw UserException.input(file + ":" + number + ": is no JSON: " + e.getOriginalMessage(), e);
            }
        }
    }

    private static ScoreRow row(Path file, int number, JsonNode json) {
        if (!json.isObject() || !json.path("file_name").isString()) {
            throw UserException.input(file + ":" + number + ": is no result of imagerl score: it has no file_name");
        }
        Map<String, Double> values = new LinkedHashMap<>();
        for (String key : json.propertyNames()) {
            if (!ScoreWriter.RESERVED.contains(key)) {
                values.put(key, json.get(key).asDouble(Double.NaN));
            }
        }
        return new ScoreRow(
                json.get("file_name").stringValue(),
                json.path("prompt").asString(""),
                values,
                Map.of(),
                json.path("error").isString() ? json.get("error").stringValue() : "");
    }

    private static void table(Path file, BufferedReader in, Consumer<ScoreRow> rows) throws IOException {
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .setIgnoreEmptyLines(true)
                .setAllowMissingColumnNames(true)
                .get();
        try (CSVParser parser = CSVParser.parse(in, format)) {
            List<String> names = new ArrayList<>(parser.getHeaderNames());
            if (!names.contains("file_name") || !names.contains("error")) {
                throw UserException.input(
                        file + ": is no file of results of imagerl score: its columns are " + parser.getHeaderNames());
            }
            names.removeAll(ScoreWriter.RESERVED);
            names.removeIf(String::isBlank); // pandas writes the numbers of rows so
            for (CSVRecord record : parser) {
                rows.accept(row(file, parser.getCurrentLineNumber(), names, record));
            }
        }
    }

    private static ScoreRow row(Path file, long line, List<String> names, CSVRecord record) {
        if (!record.isConsistent()) {
            throw UserException.input(file + ":" + line + ": has " + record.size() + " columns, unlike the header");
        }
        Map<String, Double> values = new LinkedHashMap<>();
        for (String name : names) {
            String text = record.get(name);
            try {
                values.put(SheetText.plain(name), text.isEmpty() ? Double.NaN : Double.parseDouble(text));
            } catch (NumberFormatException e) {
                throw UserException.input(file + ":" + line + ": " + name + " is no number: " + text, e);
            }
        }
        return new ScoreRow(
                SheetText.plain(record.get("file_name")),
                record.isMapped("prompt") ? SheetText.plain(record.get("prompt")) : "",
                values,
                Map.of(),
                SheetText.plain(record.get("error")));
    }
}
