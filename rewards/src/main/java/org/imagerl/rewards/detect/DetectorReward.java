package org.imagerl.rewards.detect;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.rewards.detect.DetectorConfig.Measure;
import org.imagerl.rewards.detect.Task.Wanted;
import org.imagerl.rewards.model.ImageTextEmbedder;
import org.imagerl.rewards.model.VisionModel;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.spi.work.Workers;
import org.jspecify.annotations.Nullable;

/** Looks for the objects that the prompt asks for. Images are run one at a time, so that a score depends on nothing else. */
final class DetectorReward implements Reward {
    private final VisionModel model;
    private final OutputReader reader;
    private final ClassNames names;
    private final Rules rules;
    private final Judge judge;
    private final Measure measure;
    private final @Nullable ImageTextEmbedder clip;
    private final @Nullable ClipColours colours;
    private final Workers workers;

    /** Takes over model, CLIP and workers. */
    DetectorReward(
            VisionModel model,
            OutputReader reader,
            ClassNames names,
            Rules rules,
            Judge judge,
            Measure measure,
            @Nullable ImageTextEmbedder clip,
            Workers workers) {
        this.model = model;
        this.reader = reader;
        this.names = names;
        this.rules = rules;
        this.judge = judge;
        this.measure = measure;
        this.clip = clip;
        this.colours = clip == null ? null : new ClipColours(clip);
        this.workers = workers;
    }

    @Override
    public Spec spec() {
        return switch (measure) {
            case SHARE -> new Spec(Scope.POINTWISE, 2 - rules.maxObjects(), 1, true, "share of the task that is met");
            case STRICT -> new Spec(Scope.POINTWISE, 0, 1, true, "1 if exactly what was asked for is found");
            case CORRECT -> new Spec(Scope.POINTWISE, 0, 1, true, "1 if at least what was asked for is found");
        };
    }

    @Override
    public List<Path> files() {
        return Stream.of(
                        model.files(),
                        names.file() == null ? List.<Path>of() : List.of(names.file()),
                        clip == null ? List.<Path>of() : clip.files())
                .flatMap(List::stream)
                .distinct()
                .toList();
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>(model.facts());
        facts.put("layout", reader.outputs().layout().name().toLowerCase(Locale.ROOT));
        facts.put(
                "boxes",
                (reader.centred() ? "centre and size" : "corners") + " in "
                        + (reader.shares() ? "shares of the input" : "pixels of the input"));
        facts.put("classes", names.names().size() + " (" + names.place() + ")");
        facts.put(
                "objects",
                "surer than " + rules.threshold() + ", of counting tasks " + rules.countingThreshold() + "; at most "
                        + rules.maxObjects() + " of a class; overlap below " + rules.maxOverlap());
        facts.put(
                "colours",
                clip == null
                        ? "none: no clip is given"
                        : "by the CLIP " + clip.files().get(0));
        return facts;
    }

    @Override
    public void check(Prompt prompt) {
        task(prompt);
    }

    private Task task(Prompt prompt) {
        Task task = Task.of(prompt);
        for (Wanted wanted : all(task)) {
            names.index(wanted.name());
            if (wanted.colour() != null && colours == null) {
                throw UserException.input(
                        "detector: the prompt " + Quote.of(prompt.text()) + " asks for a color, which a detector does"
                                + " not see; give a CLIP that was exported"
                                + " to ONNX, which names colours as in"
                                + " GenEval (clip: DIR), or leave such"
                                + " prompts out");
            }
        }
        return task;
    }

    private static List<Wanted> all(Task task) {
        return Stream.concat(task.include().stream(), task.exclude().stream()).toList();
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return workers.map(images.size(), i -> score(images.get(i), prompts.get(i)));
    }

    private Score score(RgbImage image, Prompt prompt) {
        try {
            Task task = task(prompt);
            List<Found> found = reader.read(model.run(image), image, rules.threshold(task));
            Map<String, List<Found>> objects = new TreeMap<>();
            for (Wanted wanted : all(task)) {
                objects.put(wanted.name(), rules.of(names.index(wanted.name()), found));
            }
            return score(task, objects, judge.verdict(task, objects, seen(image)));
        } catch (OrtException e) {
            return Score.failed("ONNX Runtime failed: " + e.getMessage());
        } catch (UserException e) {
            return Score.failed(String.valueOf(e.getMessage()));
        }
    }

    /** Looks at each object once, though both measures ask for its colour. */
    private Judge.Colours seen(RgbImage image) {
        Map<Found, String> known = new HashMap<>();
        return (className, objects) -> {
            List<String> all = new ArrayList<>();
            for (Found object : objects) {
                String colour = known.get(object);
                if (colour == null && colours != null) {
                    colour = colours.of(className, image, object);
                    known.put(object, colour);
                }
                all.add(String.valueOf(colour));
            }
            return all;
        };
    }

    private Score score(Task task, Map<String, List<Found>> objects, Verdict verdict) {
        double correct = verdict.correct() ? 1 : 0;
        double strict = verdict.strict() ? 1 : 0;
        Map<String, String> details = new LinkedHashMap<>();
        details.put("tag", task.tag());
        details.put("correct", Double.toString(correct));
        details.put("strict", Double.toString(strict));
        details.put("share", Double.toString(verdict.share()));
        details.put("found", shown(objects, (name, found) -> found.size() + " " + name + " (" + sure(found) + ")"));
        details.put("boxes", shown(objects, DetectorReward::boxes));
        details.put("reason", String.join("; ", verdict.reasons()));
        double value = measure == Measure.SHARE ? verdict.share() : measure == Measure.STRICT ? strict : correct;
        return new Score(value, details, null);
    }

    private static String shown(Map<String, List<Found>> objects, BiFunction<String, List<Found>, String> text) {
        return objects.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .map(entry -> text.apply(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String sure(List<Found> found) {
        return found.stream()
                .map(object -> String.format(Locale.ROOT, "%.2f", object.score()))
                .collect(Collectors.joining(", "));
    }

    private static String boxes(String name, List<Found> found) {
        return found.stream()
                .map(Found::box)
                .map(box -> String.format(
                        Locale.ROOT,
                        "%s [%.0f, %.0f, %.0f, %.0f]",
                        name,
                        box.left(),
                        box.top(),
                        box.right(),
                        box.bottom()))
                .collect(Collectors.joining(", "));
    }

    /** GenEval's accuracy by kind of task, and the mean of those. */
    @Override
    public Map<String, Double> summary(List<Score> scores, List<Prompt> prompts) {
        Map<String, List<Double>> byTag = new TreeMap<>();
        for (Score score : scores) {
            String tag = score.details().getOrDefault("tag", "");
            if (score.ok() && tag.matches("[a-z][a-z0-9_]{0,40}")) {
                byTag.computeIfAbsent("correct_" + tag, key -> new ArrayList<>())
                        .add(Double.valueOf(score.details().getOrDefault("correct", "0")));
            }
        }
        Map<String, Double> summary = new TreeMap<>();
        byTag.forEach((key, values) -> summary.put(key, mean(values)));
        if (!summary.isEmpty()) {
            summary.put("correct", mean(List.copyOf(summary.values())));
        }
        return summary;
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }

    @Override
    public void close() {
        workers.close();
        model.close();
        if (clip != null) {
            clip.close();
        }
    }
}
