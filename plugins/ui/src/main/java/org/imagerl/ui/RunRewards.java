package org.imagerl.ui;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.training.report.EpochLog;
import org.imagerl.training.report.PromptScore;
import org.imagerl.training.report.RewardHistogram;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code epochs.jsonl} tells of rewards: by reward, by prompt, and of those that failed. */
final class RunRewards {
    private static final int MAX_EPOCHS = 2000;
    private static final int MAX_PROMPTS = 2000;
    private static final int MAX_FAILURES = 200;

    private RunRewards() {}

    /** Adds {@code histograms}, {@code prompts} and {@code failures}. */
    static void put(ObjectNode details, List<EpochLog.Line> all) {
        List<EpochLog.Line> lines =
                all.stream().filter(line -> !line.rewards().isEmpty()).toList();
        if (!lines.isEmpty()) {
            details.set("histograms", histograms(lines));
            details.set("prompts", prompts(lines));
            details.set("failures", failures(lines));
        }
    }

    private static ArrayNode histograms(List<EpochLog.Line> lines) {
        Map<String, ObjectNode> byName = new LinkedHashMap<>();
        int every = (lines.size() + MAX_EPOCHS - 1) / MAX_EPOCHS;
        for (int i = (lines.size() - 1) % every; i < lines.size(); i += every) { // the last one is among them
            for (RewardHistogram histogram : lines.get(i).rewards()) {
                ObjectNode json = byName.computeIfAbsent(
                        String.valueOf(histogram.name()), name -> Json.object().put("name", name));
                json.withArray("steps").add(lines.get(i).step());
                json.withArray("failed").add(histogram.failed());
                Json.add(json.withArray("low"), histogram.low());
                Json.add(json.withArray("high"), histogram.high());
                json.withArray("counts").add(Json.of(histogram.counts()));
            }
        }
        return Json.array().addAll(byName.values());
    }

    private static ArrayNode prompts(List<EpochLog.Line> lines) {
        Map<String, List<PromptScore>> byPrompt = new LinkedHashMap<>();
        for (EpochLog.Line line : lines) {
            for (PromptScore score : line.prompts()) {
                if (byPrompt.size() < MAX_PROMPTS || byPrompt.containsKey(score.prompt())) {
                    byPrompt.computeIfAbsent(score.prompt(), text -> new ArrayList<>())
                            .add(score);
                }
            }
        }
        ArrayNode prompts = Json.array();
        byPrompt.forEach((text, scores) -> prompts.add(prompt(String.valueOf(text), scores)));
        return prompts;
    }

    private static ObjectNode prompt(String text, List<PromptScore> scores) {
        double[] means = scores.stream()
                .mapToDouble(score -> score.mean() == null ? Double.NaN : score.mean())
                .filter(Double::isFinite)
                .toArray();
        ObjectNode prompt = Json.object().put("prompt", text).put("epochs", scores.size());
        prompt.put("images", scores.stream().mapToInt(PromptScore::images).sum());
        prompt.put("failed", scores.stream().mapToInt(PromptScore::failed).sum());
        Json.put(prompt, "first", means.length == 0 ? Double.NaN : means[0]);
        Json.put(prompt, "last", means.length == 0 ? Double.NaN : means[means.length - 1]);
        return prompt;
    }

    /** The newest first. */
    private static ArrayNode failures(List<EpochLog.Line> lines) {
        ArrayNode failures = Json.array();
        for (int i = lines.size() - 1; i >= 0 && failures.size() < MAX_FAILURES; i--) {
            for (RewardHistogram histogram : lines.get(i).rewards()) {
                if (histogram.failed() > 0 && !EpochLog.SUM.equals(histogram.name())) {
                    failures.addObject()
                            .put("step", lines.get(i).step())
                            .put("reward", histogram.name())
                            .put("failed", histogram.failed())
                            .set("reasons", Json.of(histogram.reasons()));
                }
            }
        }
        return failures;
    }
}
