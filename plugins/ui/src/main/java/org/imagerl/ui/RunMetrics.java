package org.imagerl.ui;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.imagerl.training.report.MetricsLog;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The numbers of a run as the page wants them: by column, so that each name is sent once. */
final class RunMetrics {
    /** Metrics that are sent; a run has about thirty. */
    private static final int MAX_COLUMNS = 400;

    private static final int MAX_ROWS = 10_000;

    private RunMetrics() {}

    /** The numbers as JSON. For very long runs not every step is sent, but the last one always is. */
    static ObjectNode json(List<MetricsLog.Row> all) {
        int every = (all.size() + MAX_ROWS - 1) / MAX_ROWS;
        List<MetricsLog.Row> rows = IntStream.range(0, all.size())
                .filter(i -> (all.size() - 1 - i) % every == 0)
                .mapToObj(all::get)
                .toList();
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> row.values().keySet().stream()
                .filter(name -> names.size() < MAX_COLUMNS)
                .forEach(names::add));
        ObjectNode json = Json.object();
        ArrayNode steps = json.putArray("step");
        rows.forEach(row -> steps.add(row.step()));
        ObjectNode columns = json.putObject("columns");
        for (String name : names) {
            ArrayNode column = columns.putArray(name);
            rows.forEach(row -> Json.add(column, row.values().getOrDefault(name, Double.NaN)));
        }
        return json;
    }

    /** The last finite value of a metric; NaN if there is none. */
    static double last(List<MetricsLog.Row> rows, String name) {
        double last = Double.NaN;
        for (MetricsLog.Row row : rows) {
            double value = value(row.values(), name);
            last = Double.isFinite(value) ? value : last;
        }
        return last;
    }

    /** The first finite value of a metric; NaN if there is none. */
    static double first(List<MetricsLog.Row> rows, String name) {
        return rows.stream()
                .mapToDouble(row -> value(row.values(), name))
                .filter(Double::isFinite)
                .findFirst()
                .orElse(Double.NaN);
    }

    private static double value(Map<String, Double> values, String name) {
        return values.getOrDefault(name, Double.NaN);
    }
}
