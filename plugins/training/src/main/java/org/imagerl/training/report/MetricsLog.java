package org.imagerl.training.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.run.Tracker;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code metrics.jsonl}: an object per line, {@code {"step": 12, "reward_mean": 0.41, ...}}. A number that is not finite is
 * null there. A line that a dying process left unfinished is no line. {@code evaluation_pictures} of earlier versions is read
 * as {@code evaluation_images}.
 */
public final class MetricsLog implements Tracker {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path file;

    /** The log in a file, which need not exist yet. */
    public MetricsLog(Path file) {
        this.file = file;
    }

    /**
     * One line.
     *
     * @param step epochs so far
     * @param values numbers by name in the order of the file, NaN where null was written
     */
    public record Row(long step, Map<String, Double> values) {}

    /**
     * Adds a line.
     *
     * @throws UserException if it cannot be written
     */
    @Override
    public void metrics(long step, SortedMap<String, Double> values) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        values.forEach((name, value) -> line.put(name, Double.isFinite(value) ? (Object) value : null));
        String text = JSON.writeValueAsString(line) + "\n";
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }

    /**
     * All lines; none if there is no file.
     *
     * @throws UserException if a finished line is malformed, with its number
     */
    public List<Row> read() {
        List<Row> rows = new ArrayList<>();
        List<String> lines = finishedLines();
        for (int i = 0; i < lines.size(); i++) {
            rows.add(row(lines.get(i), i + 1));
        }
        return rows;
    }

    /** Takes back every line after a step, and an unfinished one. */
    @Override
    public void begin(Path run, long step) {
        if (!Files.exists(file)) {
            return;
        }
        List<String> lines = finishedLines();
        StringBuilder kept = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            if (row(lines.get(i), i + 1).step() <= step) {
                kept.append(lines.get(i)).append('\n');
            }
        }
        AtomicFile.writeText(file, kept.toString());
    }

    private List<String> finishedLines() {
        try {
            String text = Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
            return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        } catch (IOException e) {
            throw UserException.input(file + ": cannot be read: " + e, e);
        }
    }

    private Row row(String line, int number) {
        try {
            JsonNode node = JSON.readTree(line);
            Map<String, Double> values = new LinkedHashMap<>();
            node.properties()
                    .forEach(field -> values.put(
                            field.getKey().equals("evaluation_pictures") ? "evaluation_images" : field.getKey(),
                            field.getValue().isNull()
                                    ? Double.NaN
                                    : field.getValue().asDouble()));
            Double step = values.remove("step");
            if (step != null && Double.isFinite(step)) {
                return new Row(step.longValue(), values);
            }
        } catch (JacksonException e) {
            throw UserException.input(file + ":" + number + ": is no line of metrics: " + e.getOriginalMessage(), e);
        }
        throw UserException.input(file + ":" + number + ": has no step");
    }
}
