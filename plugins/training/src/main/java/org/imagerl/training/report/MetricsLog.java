package org.imagerl.training.report;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.run.Tracker;
import tools.jackson.databind.JsonNode;

/**
 * {@code metrics.jsonl}: an object per line, {@code {"step": 12, "reward_mean": 0.41, ...}}. A number that is not finite is
 * null there. A line that a dying process left unfinished is no line. {@code evaluation_pictures} of earlier versions is read
 * as {@code evaluation_images}.
 */
public final class MetricsLog implements Tracker {
    private static final String STEP = "step";

    private final StepLines<Row> lines;

    /** The log in a file, which need not exist yet. */
    public MetricsLog(Path file) {
        lines = new StepLines<>(file, "metrics", MetricsLog::row, Row::step);
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
        line.put(STEP, step);
        values.forEach((name, value) -> line.put(name, Double.isFinite(value) ? (Object) value : null));
        lines.append(line);
    }

    /**
     * All lines; none if there is no file.
     *
     * @throws UserException if a finished line is malformed, with its number
     */
    public List<Row> read() {
        return lines.read();
    }

    /** Takes back every line after a step, and an unfinished one. */
    @Override
    public void begin(Path run, long step) {
        lines.takeBackAfter(step);
    }

    private static Row row(JsonNode line) {
        Map<String, Double> values = new LinkedHashMap<>();
        line.properties()
                .forEach(field -> values.put(
                        field.getKey().equals("evaluation_pictures") ? "evaluation_images" : field.getKey(),
                        field.getValue().isNull()
                                ? Double.NaN
                                : field.getValue().asDouble()));
        Double step = values.remove(STEP);
        if (step == null || !Double.isFinite(step)) {
            throw new IllegalArgumentException("has no step");
        }
        return new Row(step.longValue(), values);
    }
}
