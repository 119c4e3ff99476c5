package org.imagerl.training.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.IoProblems;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file with an object of JSON per line, each of one step of a run. A line that a dying process left unfinished is no line.
 *
 * @param <T> what a line says
 * @param file which need not exist yet
 * @param what the lines are of, for messages: {@code metrics}
 * @param reader makes it of an object; an {@link IllegalArgumentException} says why that is none
 * @param step of it
 */
record StepLines<T>(Path file, String what, Reader<T> reader, ToLongFunction<T> step) {
    /** More than a hundred thousand epochs have. */
    private static final int MAX_BYTES = 1 << 28;

    static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Makes what a line says of its object. */
    interface Reader<T> {
        T read(JsonNode line);
    }

    /**
     * Adds a line.
     *
     * @param line what becomes an object of JSON
     * @throws UserException if it cannot be written
     */
    void append(Object line) {
        try {
            Files.writeString(
                    file, JSON.writeValueAsString(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }

    /**
     * All lines; none if there is no file.
     *
     * @throws UserException if a finished line is malformed, with its number
     */
    List<T> read() {
        List<T> all = new ArrayList<>();
        List<String> lines = finishedLines();
        for (int i = 0; i < lines.size(); i++) {
            all.add(value(lines.get(i), i + 1));
        }
        return all;
    }

    /** Takes back every line after a step, and an unfinished one. */
    void takeBackAfter(long last) {
        if (!Files.exists(file)) {
            return;
        }
        List<String> lines = finishedLines();
        StringBuilder kept = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            if (step.applyAsLong(value(lines.get(i), i + 1)) <= last) {
                kept.append(lines.get(i)).append('\n');
            }
        }
        AtomicFile.writeText(file, kept.toString());
    }

    private List<String> finishedLines() {
        if (!Files.exists(file)) {
            return List.of();
        }
        String text = new String(BoundedFile.read(file, MAX_BYTES), StandardCharsets.UTF_8);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    private T value(String line, int number) {
        try {
            return reader.read(JSON.readTree(line));
        } catch (JacksonException e) {
            throw UserException.input(
                    file + ":" + number + ": is no line of " + what + ": " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw UserException.input(file + ":" + number + ": " + e.getMessage(), e);
        }
    }
}
