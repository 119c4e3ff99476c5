package org.imagerl.ui;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.imagerl.scoring.ScoreReader;
import org.imagerl.scoring.ScoreRow;
import org.imagerl.scoring.ScoredImages;
import org.imagerl.scoring.reward.Statistics;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.training.report.RewardHistogram;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A file of results of {@code imagerl score}. Images are read from the folder that its header names.
 *
 * @param file {@code .csv} or {@code .jsonl}
 * @param title what the list calls it
 */
record ScoresSource(Path file, String title) implements Source {
    private static final int MAX_ROWS = 200_000;
    private static final int MAX_FAILURES = 200;
    private static final int IMAGES = 32;
    private static final String HIGHEST = "1";
    private static final String LOWEST = "0";

    @Override
    public String stamp() {
        return Stamp.of(file);
    }

    private List<ScoreRow> rows() {
        List<ScoreRow> rows = new ArrayList<>();
        ScoreReader.read(file, row -> {
            rows.add(row);
            if (rows.size() > MAX_ROWS) {
                throw UserException.input(file + ": has more than " + MAX_ROWS
                        + " results, the most that the page shows; imagerl compare takes more");
            }
        });
        return rows;
    }

    @Override
    public ObjectNode summary() {
        ObjectNode summary = Json.object().put("kind", "scores").put("name", title);
        try {
            List<ScoreRow> rows = rows();
            summary.put("images", rows.size());
            summary.put(
                    "failed",
                    rows.stream().filter(row -> !row.error().isEmpty()).count());
        } catch (UserException e) {
            summary.put("problem", e.getMessage());
        }
        return summary;
    }

    @Override
    public ObjectNode metrics() {
        return Json.object();
    }

    @Override
    public ObjectNode details() {
        ObjectNode details = Json.object();
        Json.put(details, "tables", () -> Json.array().add(table(rows())));
        Json.put(details, "rewards", () -> rewards(rows()));
        Json.put(details, "image_sets", () -> {
            ArrayNode sets = Json.array();
            sets.addObject().put("key", LOWEST).put("title", "lowest scores");
            sets.addObject().put("key", HIGHEST).put("title", "highest scores");
            return sets;
        });
        return details;
    }

    private static Map<String, double[]> columns(List<ScoreRow> rows) {
        Map<String, double[]> columns = new LinkedHashMap<>();
        if (!rows.isEmpty()) {
            rows.get(0)
                    .values()
                    .keySet()
                    .forEach(name -> columns.put(
                            name,
                            rows.stream()
                                    .mapToDouble(row -> row.values().getOrDefault(name, Double.NaN))
                                    .toArray()));
        }
        return columns;
    }

    private static ObjectNode table(List<ScoreRow> rows) {
        ObjectNode table = Json.object().put("title", rows.size() + " images");
        table.set("header", Json.of(List.of("reward", "scored", "mean", "std", "5 %", "median", "95 %")));
        ArrayNode lines = table.putArray("rows");
        columns(rows).forEach((name, values) -> {
            Statistics of = Statistics.of(values);
            lines.add(Json.of(List.of(
                    name,
                    Integer.toString(of.n()),
                    number(of.mean()),
                    number(of.std()),
                    number(of.p5()),
                    number(of.median()),
                    number(of.p95()))));
        });
        return table;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }

    private static ObjectNode rewards(List<ScoreRow> rows) {
        ObjectNode rewards = Json.object();
        ArrayNode histograms = rewards.putArray("histograms");
        columns(rows).forEach((name, values) -> {
            RewardHistogram of = RewardHistogram.of(
                    name,
                    java.util.Arrays.stream(values)
                            .mapToObj(value -> Double.isNaN(value) ? Score.failed("has no score") : Score.of(value))
                            .toList());
            ObjectNode histogram = histograms.addObject().put("name", name);
            histogram.putArray("steps").add(0);
            histogram.putArray("failed").add(of.failed());
            Json.add(histogram.putArray("low"), of.low());
            Json.add(histogram.putArray("high"), of.high());
            histogram.putArray("counts").add(Json.of(of.counts()));
        });
        ArrayNode failures = rewards.putArray("failures");
        rows.stream()
                .filter(row -> !row.error().isEmpty())
                .limit(MAX_FAILURES)
                .forEach(row -> failures.addObject()
                        .put("image", row.name())
                        .set("reasons", Json.array().add(Json.object().put("text", row.error()))));
        return rewards;
    }

    @Override
    public ArrayNode images(String set) {
        ArrayNode images = Json.array();
        List<ScoreRow> rows = rows();
        if (!rows.isEmpty() && !rows.get(0).values().isEmpty()) {
            String reward = rows.get(0).values().keySet().iterator().next();
            ToDoubleFunction<ScoreRow> score = row -> row.values().getOrDefault(reward, Double.NaN);
            Comparator<ScoreRow> order = Comparator.comparingDouble(score);
            rows.stream()
                    .filter(row -> Double.isFinite(score.applyAsDouble(row)))
                    .sorted(set.equals(HIGHEST) ? order.reversed() : order)
                    .limit(IMAGES)
                    .forEach(row -> images.addObject()
                            .put("name", row.name())
                            .put("prompt", row.prompt())
                            .put("reward", number(score.applyAsDouble(row))));
        }
        return images;
    }

    /** Any of the results, for they are compared in pairs, too. */
    @Override
    public Optional<Path> image(String set, String name) {
        return rows().stream().anyMatch(row -> row.name().equals(name))
                ? Optional.of(ScoredImages.of(file).find(name))
                : Optional.empty();
    }
}
