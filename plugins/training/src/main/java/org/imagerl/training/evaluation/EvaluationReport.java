package org.imagerl.training.evaluation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.imagerl.scoring.PairedChange;
import org.imagerl.scoring.SheetText;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Score;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.training.loop.RunEvaluation;
import org.imagerl.training.run.Checkpoints;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an evaluation of a run found.
 *
 * @param run its folder
 * @param epoch of the checkpoint; 0 is before training
 * @param result the scores
 * @param lines how each reward changed, and their weighted sum under the name {@code reward}
 */
public record EvaluationReport(Path run, long epoch, RunEvaluation.Result result, Map<String, PairedChange> lines) {
    /** The weighted sum that the run trained on. */
    private static final String TOTAL = "reward";

    /** The report of a result. */
    public static EvaluationReport of(Path run, Path checkpoint, RunEvaluation.Result result) {
        List<String> prompts = result.prompts().stream().map(Prompt::id).toList();
        Map<String, PairedChange> lines = new LinkedHashMap<>();
        lines.put(TOTAL, PairedChange.of(result.base().totals(), result.tuned().totals(), prompts, true));
        for (int i = 0; i < result.base().columns().size(); i++) {
            RewardTable.Column base = result.base().columns().get(i);
            RewardTable.Column tuned = result.tuned().columns().get(i);
            boolean higher = base.spec().higherIsBetter();
            lines.put(base.name(), PairedChange.of(base.values(), tuned.values(), prompts, higher));
        }
        return new EvaluationReport(run, Checkpoints.step(checkpoint).orElse(0), result, lines);
    }

    /** Writes {@code summary.json} and {@code scores.csv}. */
    public void write(Path folder) {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("run", run.toAbsolutePath().normalize().toString());
        summary.put("epoch", epoch);
        summary.put("images", result.seeds().length);
        summary.put("sampled_by", result.sampledBy());
        Map<String, Object> rewards = new LinkedHashMap<>();
        lines.forEach((name, line) -> rewards.put(name, fields(line)));
        summary.put("rewards", rewards);
        JsonMapper json =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        AtomicFile.writeText(folder.resolve("summary.json"), json.writeValueAsString(summary) + "\n");
        AtomicFile.writeText(folder.resolve("scores.csv"), csv());
    }

    private static Map<String, @Nullable Object> fields(PairedChange line) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("pairs", line.n());
        fields.put("base", number(line.before()));
        fields.put("tuned", number(line.after()));
        fields.put("change", number(line.change()));
        fields.put("low", number(line.low()));
        fields.put("high", number(line.high()));
        fields.put("better", line.better());
        fields.put("worse", line.worse());
        return fields;
    }

    /** JSON has no NaN. */
    private static @Nullable Object number(double value) {
        return Double.isFinite(value) ? (Object) value : null;
    }

    private String csv() {
        StringBuilder text = new StringBuilder();
        try (CSVPrinter printer = new CSVPrinter(text, CSVFormat.RFC4180)) {
            List<Object> header = new ArrayList<>(List.of("image", "seed", "prompt"));
            result.base().columns().forEach(column -> {
                header.add(SheetText.guarded(column.name() + " base"));
                header.add(SheetText.guarded(column.name() + " tuned"));
            });
            header.add("error");
            printer.printRecord(header);
            for (int i = 0; i < result.seeds().length; i++) {
                printer.printRecord(row(i));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e); // nothing is written to a file here
        }
        return text.toString();
    }

    private List<Object> row(int i) {
        List<Object> row = new ArrayList<>(List.of(
                i, result.seeds()[i], SheetText.guarded(result.prompts().get(i).text())));
        List<String> errors = new ArrayList<>();
        for (int k = 0; k < result.base().columns().size(); k++) {
            for (RewardTable table : List.of(result.base(), result.tuned())) {
                RewardTable.Column column = table.columns().get(k);
                Score score = column.scores().get(i);
                row.add(score.ok() ? score.value() : "");
                if (!score.ok()) {
                    errors.add(column.name() + ": " + score.error());
                }
            }
        }
        row.add(SheetText.guarded(String.join("; ", errors)));
        return row;
    }

    /** A table for people. */
    public String table() {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "%-24s %9s %9s %9s %21s %6s %6s%n",
                "epoch " + epoch + ", " + result.sampledBy(),
                "base",
                "tuned",
                "change",
                "95 % confidence",
                "better",
                "worse"));
        lines.forEach((name, line) -> table.append(String.format(
                Locale.ROOT,
                "%-24s %9.4f %9.4f %+9.4f %21s %6d %6d%s%n",
                name,
                line.before(),
                line.after(),
                line.change(),
                Double.isNaN(line.low()) ? "-" : String.format(Locale.ROOT, "%+.4f to %+.4f", line.low(), line.high()),
                line.better(),
                line.worse(),
                line.n() == result.seeds().length ? "" : " (of " + line.n() + " images)")));
        return table.toString();
    }
}
