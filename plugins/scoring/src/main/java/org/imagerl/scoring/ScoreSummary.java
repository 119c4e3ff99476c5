package org.imagerl.scoring;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.scoring.reward.Statistics;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The summary of a scoring run.
 *
 * @param images how many were looked at
 * @param unreadable of these, could not be read
 * @param stopped whether the user stopped it before the end
 * @param firstError the first image without a score and why, or empty
 * @param rewards a line per reward
 * @param groups the images of each prompt; empty if every image has its own, or there are more than a thousand
 * @param promptSources how many images, of those of an interrupted run too, have their prompt from where
 * @param notes what was noticed while the images of this run were read, a sentence each
 * @param header what the scores were made with
 */
public record ScoreSummary(
        int images,
        int unreadable,
        boolean stopped,
        String firstError,
        List<Line> rewards,
        List<Group> groups,
        Map<String, Integer> promptSources,
        List<String> notes,
        ScoreHeader header) {
    private static final int LINE = 80;
    private static final String GAP = "  ";

    /**
     * The images of one prompt.
     *
     * @param statistics by reward
     */
    public record Group(String prompt, Map<String, Statistics> statistics) {}

    /**
     * One reward over all images.
     *
     * @param errors images without a value
     * @param unit what one unit is
     * @param higherIsBetter whether a better image has the higher score
     * @param millisecondsPerImage mean time of scoring
     */
    public record Line(
            String name,
            Statistics statistics,
            int errors,
            String unit,
            boolean higherIsBetter,
            double millisecondsPerImage) {}

    /** As it stands in {@code summary.json}; null for a number that does not exist. */
    public String json() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("images", images);
        root.put("unreadable", unreadable);
        root.put("stopped", stopped);
        root.put("first_error", firstError.isEmpty() ? null : firstError);
        Map<String, Object> lines = new LinkedHashMap<>();
        rewards.forEach(line -> lines.put(line.name(), json(line)));
        root.put("rewards", lines);
        if (!groups.isEmpty()) {
            Map<String, Object> byPrompt = new LinkedHashMap<>();
            groups.forEach(group -> byPrompt.put(group.prompt(), json(group)));
            root.put("groups", byPrompt);
        }
        root.put("prompt_sources", promptSources);
        root.put("notes", notes);
        root.put("header", header.json());
        return JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(root)
                + "\n";
    }

    private static Map<String, Object> json(Group group) {
        Map<String, Object> object = new LinkedHashMap<>();
        group.statistics().forEach((reward, statistics) -> object.put(reward, json(statistics)));
        return object;
    }

    private static Map<String, Object> json(Statistics statistics) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("n", statistics.n());
        numbers(statistics).forEach((name, value) -> object.put(name, Double.isNaN(value) ? null : (Object) value));
        return object;
    }

    private static Map<String, Object> json(Line line) {
        Map<String, Object> object = json(line.statistics());
        object.put("errors", line.errors());
        object.put("unit", line.unit());
        object.put("higher_is_better", line.higherIsBetter());
        object.put("milliseconds_per_image", line.millisecondsPerImage());
        return object;
    }

    private static Map<String, Double> numbers(Statistics statistics) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        numbers.put("mean", statistics.mean());
        numbers.put("std", statistics.std());
        numbers.put("median", statistics.median());
        numbers.put("p5", statistics.p5());
        numbers.put("p95", statistics.p95());
        numbers.put("min", statistics.min());
        numbers.put("max", statistics.max());
        return numbers;
    }

    /** A table for people: a header and a line per reward; what does not fit into 80 columns is a second one below it. */
    public String table() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(
                List.of("reward", "n", "mean", "std", "median", "p5", "p95", "min", "max", "errors", "better", "unit"));
        for (Line line : rewards) {
            List<String> row = new ArrayList<>(
                    List.of(line.name(), Integer.toString(line.statistics().n())));
            numbers(line.statistics())
                    .values()
                    .forEach(v -> row.add(Double.isNaN(v) ? "-" : String.format(Locale.ROOT, "%.4g", v)));
            row.addAll(
                    List.of(Integer.toString(line.errors()), line.higherIsBetter() ? "higher" : "lower", line.unit()));
            rows.add(row);
        }
        StringBuilder table = new StringBuilder();
        int[] widths = IntStream.range(0, rows.get(0).size())
                .map(i ->
                        rows.stream().mapToInt(row -> row.get(i).length()).max().orElse(0))
                .toArray();
        for (List<Integer> block : blocks(widths)) {
            rows.forEach(row -> table.append(aligned(row, block, widths)).append(System.lineSeparator()));
        }
        return table.toString();
    }

    /** The columns in blocks that fit into a line, one below the other, each after the first column. */
    private static List<List<Integer>> blocks(int... widths) {
        List<List<Integer>> blocks = new ArrayList<>();
        int used = LINE;
        for (int i = 1; i < widths.length; i++) {
            if (used + GAP.length() + widths[i] > LINE) {
                blocks.add(new ArrayList<>(List.of(0)));
                used = widths[0];
            }
            blocks.get(blocks.size() - 1).add(i);
            used += GAP.length() + widths[i];
        }
        return blocks;
    }

    private static String aligned(List<String> row, List<Integer> columns, int... widths) {
        StringBuilder line = new StringBuilder();
        for (int i : columns) {
            boolean left = i == 0 || i >= row.size() - 2;
            line.append(String.format(Locale.ROOT, (left ? "%-" : "%") + widths[i] + "s", row.get(i)))
                    .append(GAP);
        }
        return line.toString().stripTrailing();
    }
}
