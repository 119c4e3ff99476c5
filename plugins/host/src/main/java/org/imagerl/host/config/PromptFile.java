package org.imagerl.host.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Files of prompts, UTF-8:
 *
 * <ul>
 *   <li>{@code .txt}: a prompt per line; empty lines are skipped
 *   <li>{@code .jsonl}: an object per line with {@code prompt}, optionally {@code id} and {@code metadata}; further fields
 *       (for instance {@code negative}, {@code seed}, {@code split}, {@code text}) become metadata too
 *   <li>{@code .csv}: a header with the column {@code prompt}, optionally {@code id}; further columns become metadata
 * </ul>
 *
 * <p>The id of a prompt without one is its line number. In lists of pictures, with {@code file_name}, {@code text} may stand for
 * {@code prompt}: Hugging Face's {@code metadata.jsonl} often names it so.
 */
public final class PromptFile {
    /** About two million prompts of the usual length. */
    private static final int MAX_BYTES = 1 << 28;

    /** Far beyond what any text encoder takes. */
    private static final int MAX_PROMPT_CHARS = 20_000;

    /** A list of pictures as Hugging Face has it. */
    private static final List<String> PICTURE_LIST = List.of("file_name", "text");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final CSVFormat TABLE = CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setIgnoreEmptyLines(true)
            .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
            .get();

    private final Path file;
    private final String text;
    private final Problems problems = new Problems();
    private final List<Prompt> prompts = new ArrayList<>();
    private final Map<String, Integer> lineOfId = new HashMap<>();

    /** The line that is being read, from 1. */
    private int line;

    private PromptFile(Path file) {
        this.file = file;
        this.text = BoundedFile.text(file, MAX_BYTES);
    }

    /**
     * Reads all prompts.
     *
     * @throws UserException with all problems, each with file and line; also if there is no prompt
     */
    public static List<Prompt> read(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        PromptFile reading = new PromptFile(file);
        if (name.endsWith(".txt")) {
            reading.eachLine(reading::plainLine);
        } else if (name.endsWith(".jsonl")) {
            reading.eachLine(reading::jsonLine);
        } else if (name.endsWith(".csv")) {
            reading.table();
        } else {
            throw UserException.input(file + ": prompts are read from .txt, .jsonl and .csv files");
        }
        reading.problems.throwIfAny();
        if (reading.prompts.isEmpty()) {
            throw UserException.input(file + ": has no prompts");
        }
        return List.copyOf(reading.prompts);
    }

    /**
     * Reads the prompts of a configuration: those of the split, if one is named.
     *
     * @throws UserException as {@link #read(Path)}, and listing the splits if there is none of that name
     */
    public static List<Prompt> read(RunConfig.Prompts source, RunConfig config) {
        Path file = config.resolve(source.file());
        List<Prompt> all = read(file);
        String split = source.split();
        if (split == null) {
            return all;
        }
        List<Prompt> chosen = all.stream()
                .filter(prompt -> split.equals(prompt.metadata().get("split")))
                .toList();
        if (chosen.isEmpty()) {
            TreeSet<String> splits = new TreeSet<>();
            all.forEach(prompt -> splits.add(prompt.metadata().getOrDefault("split", "none")));
            throw UserException.input(
                    file + ": has no prompts of split " + split + " (its splits: " + String.join(", ", splits) + ")");
        }
        return chosen;
    }

    private void eachLine(Consumer<String> reader) {
        text.lines().forEach(content -> {
            line++;
            if (!content.isBlank()) {
                reader.accept(content);
            }
        });
    }

    private void plainLine(String prompt) {
        add(new LinkedHashMap<>(Map.of("prompt", prompt.strip())));
    }

    private void jsonLine(String json) {
        try {
            JsonNode node = JSON.readTree(json);
            if (!node.isObject()) {
                problem("", "must be an object: {\"prompt\": ...}");
            } else if (node.has("prompt") && !node.get("prompt").isString()) {
                problem("prompt", "must be a text");
            } else {
                Map<String, String> fields = new LinkedHashMap<>();
                node.properties().forEach(field -> put(field.getKey(), field.getValue(), fields));
                add(fields);
            }
        } catch (JacksonException e) {
            problem("", "is no JSON object: " + e.getOriginalMessage());
        }
    }

    private void put(String key, JsonNode value, Map<String, String> fields) {
        if (key.equals("metadata") && value.isObject()) {
            value.properties().forEach(field -> put(field.getKey(), field.getValue(), fields));
        } else if (value.isContainer()) {
            problem(key, "must be a single value");
        } else if (!value.isNull() && fields.put(key, value.asString()) != null) {
            problem(key, "is given twice, once in metadata");
        }
    }

    private void table() {
        line = 1;
        try (CSVParser parser = CSVParser.parse(text, TABLE)) {
            List<String> names = parser.getHeaderNames();
            if (!names.contains("prompt") && !names.containsAll(PICTURE_LIST)) {
                problem("", "the header has no column named prompt; it has " + names);
                return;
            }
            for (CSVRecord row : parser) {
                line = (int) parser.getCurrentLineNumber();
                row(row);
            }
        } catch (IllegalArgumentException | UncheckedIOException | IOException e) {
            problem("", "is no table: " + e.getMessage());
        }
    }

    private void row(CSVRecord row) {
        if (!row.isConsistent()) {
            problem("", "has " + row.size() + " columns, but the header has another number");
            return;
        }
        Map<String, String> fields = new LinkedHashMap<>(row.toMap());
        fields.values().removeIf(String::isEmpty);
        add(fields);
    }

    private void add(Map<String, String> fields) {
        boolean picture = fields.keySet().containsAll(PICTURE_LIST) && !fields.containsKey("prompt");
        String prompt = fields.remove(picture ? "text" : "prompt");
        String id = fields.getOrDefault("id", Integer.toString(line));
        fields.remove("id");
        if (prompt == null || prompt.isBlank()) {
            problem("prompt", "is missing");
        } else if (prompt.length() > MAX_PROMPT_CHARS) {
            problem("prompt", "has more than " + MAX_PROMPT_CHARS + " characters");
        } else if (lineOfId.containsKey(id)) {
            problem("id", id + " is used twice, first on line " + lineOfId.get(id));
        } else {
            lineOfId.put(id, line);
            prompts.add(new Prompt(id, prompt, fields));
        }
    }

    private void problem(String key, String message) {
        problems.add(new Origin(file.toString(), line, 0), key, message);
    }
}
