package org.imagerl.ui;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.training.report.EpochLog;
import org.imagerl.training.report.MetricsLog;
import org.imagerl.training.run.RunFolder;
import org.imagerl.training.tracker.RunSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A run: its folder, or what a study keeps of one.
 *
 * @param folder that has the files
 * @param title what the list calls it
 * @param config the name of the file of its settings
 * @param numbers the name of the file of its metrics
 * @param whole whether it is the folder of a run, with log, epochs and provenance; what a study keeps is finished
 * @param images of it
 * @param clock to tell how long ago it wrote
 */
record RunSource(
        OwnFolder folder, String title, String config, String numbers, boolean whole, ImageSets images, Clock clock)
        implements Source {
    private static final String LOG = "log.txt";

    /** The folder of a run. */
    static RunSource of(OwnFolder folder, String title, Clock clock) {
        return new RunSource(folder, title, "config.yaml", "metrics.jsonl", true, new SampleImages(folder), clock);
    }

    /** What a study keeps of a run in its folder {@code raw}. */
    static RunSource ofStudy(OwnFolder raw, String study, String name, Clock clock) {
        return new RunSource(
                raw, study + " / " + name, name + ".yaml", name + ".jsonl", false, new GridImages(raw, name), clock);
    }

    @Override
    public String stamp() {
        Path root = folder.root();
        Path samples = root.resolve(whole ? "samples" : title);
        return whole
                ? Stamp.of(
                        root.resolve(config),
                        root.resolve(numbers),
                        root.resolve(EpochLog.NAME),
                        root.resolve(LOG),
                        samples)
                : Stamp.of(root.resolve(config), root.resolve(numbers));
    }

    @Override
    public ObjectNode summary() {
        ObjectNode summary = Json.object().put("kind", "run").put("name", title);
        try {
            List<MetricsLog.Row> rows = rows();
            Map<String, Object> settings = settings();
            long asked = settings.get("epochs") instanceof Number number ? number.longValue() : 0;
            List<String> log = log();
            RunProgress progress = RunProgress.of(rows, lines(), asked, RunLog.lastSign(log));
            progress.put(summary, clock.millis() / 1000.0);
            summary.put("algorithm", text(settings, "algorithm.preset"));
            summary.put("checkpoint", checkpoint(settings));
            Json.put(summary, "reward", RunMetrics.last(rows, "reward_mean"));
            Json.put(summary, "held_out_first", RunMetrics.first(rows, "evaluation_reward_mean"));
            Json.put(summary, "held_out_last", RunMetrics.last(rows, "evaluation_reward_mean"));
        } catch (UserException e) {
            summary.put("problem", e.getMessage());
        }
        return summary;
    }

    /** The name of the folder or file: where it lies is known from the settings. */
    private static String checkpoint(Map<String, Object> settings) {
        String place = text(settings, "base_folder") + "/" + text(settings, "checkpoint");
        String[] names = place.split("[/\\\\]");
        for (int i = names.length - 1; i >= 0; i--) {
            if (!names[i].matches("\\.{0,2}")) {
                return names[i];
            }
        }
        return "";
    }

    private static String text(Map<String, Object> settings, String key) {
        return String.valueOf(settings.getOrDefault(key, ""));
    }

    @Override
    public ObjectNode metrics() {
        ObjectNode json = Json.object();
        Json.put(json, "numbers", () -> RunMetrics.json(rows()));
        return json;
    }

    @Override
    public ObjectNode details() {
        ObjectNode details = Json.object();
        Json.put(details, "config", () -> {
            Map<String, String> texts = new TreeMap<>();
            settings().forEach((key, value) -> texts.put(key, String.valueOf(value)));
            return Json.of(texts);
        });
        Json.put(details, "rewards", () -> {
            ObjectNode rewards = Json.object();
            RunRewards.put(rewards, lines());
            return rewards;
        });
        Json.put(details, "image_sets", () -> {
            ArrayNode sets = Json.array();
            images.titles()
                    .forEach((key, text) ->
                            sets.addObject().put("key", Long.toString(key)).put("title", text));
            return sets;
        });
        if (whole) {
            Json.put(details, "log", () -> Json.of(log()));
            Json.put(details, "provenance", this::provenance);
        }
        return details;
    }

    private List<MetricsLog.Row> rows() {
        return folder.find(numbers).map(file -> new MetricsLog(file).read()).orElse(List.of());
    }

    private List<EpochLog.Line> lines() {
        return whole
                ? folder.find(EpochLog.NAME)
                        .map(file -> new EpochLog(file, clock).read())
                        .orElse(List.of())
                : List.of();
    }

    private Map<String, Object> settings() {
        return folder.find(config).map(file -> RunSettings.read(file).values()).orElse(new TreeMap<>());
    }

    private List<String> log() {
        return whole ? folder.find(LOG).map(RunLog::tail).orElse(List.of()) : List.of();
    }

    /** Without the hashes of the inputs, of which there may be hundreds. */
    private JsonNode provenance() {
        Optional<Path> file = folder.find(RunFolder.PROVENANCE);
        if (file.isEmpty()) {
            return Json.object();
        }
        ObjectNode provenance = StrictJson.object(file.get());
        provenance.remove("sha256");
        return provenance;
    }

    @Override
    public ArrayNode images(String set) {
        return images.json(set);
    }

    @Override
    public Optional<Path> image(String set, String name) {
        return images.find(set, name);
    }
}
