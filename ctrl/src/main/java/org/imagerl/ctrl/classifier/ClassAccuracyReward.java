package org.imagerl.ctrl.classifier;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.imagerl.ctrl.control.Control;
import org.imagerl.ctrl.data.Labels;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;

/**
 * The reward is 1 if the scorers of the labels give an image, for every control, the class in the field of its prompt;
 * otherwise it is 0. Its mean is the accuracy, the joint one for several controls. The details of a score are the class
 * and the score of each control: {@code smooth} and {@code smooth.score}.
 */
public final class ClassAccuracyReward implements Reward {
    /** The confusion matrix of more classes would be too large to be useful. */
    private static final int MAX_CLASSES = 4096;

    /**
     * The settings of the reward.
     *
     * @param labels of the type scored, as a classifier's data has them
     */
    public record Config(List<Labels> labels) {

        /** Refuses labels that do not come from a score, and names that mean two things. */
        public Config {
            if (labels != null) {
                requireScored(labels);
                List<Control> controls = Control.checked(
                        scored(labels).map(Labels.Scored::asControl).toList());
                int classes = controls.stream()
                        .mapToInt(Control::classes)
                        .reduce(1, (product, next) -> Math.min(product * next, MAX_CLASSES + 1)); // cannot overflow
                if (classes > MAX_CLASSES) {
                    throw new IllegalArgumentException(
                            "labels: the product of the classes must be at most " + MAX_CLASSES);
                }
            }
        }

        private static void requireScored(List<Labels> labels) {
            for (Labels source : labels) {
                if (!(source instanceof Labels.Scored)) {
                    throw new IllegalArgumentException(
                            "labels must be of the type scored: only a score gives a new image its class");
                }
            }
        }

        /** The defaults; {@code labels} has none and is required. */
        @SuppressWarnings("NullAway") // what has no default
        public static Config defaults() {
            return new Config(null);
        }
    }

    private final List<Judge> judges = new ArrayList<>();

    /** The scorer of one control with its thresholds. */
    private record Judge(Control control, Labels.Scored labels, Reward scorer) {

        int asked(Prompt prompt) {
            return control.required(prompt);
        }

        /** The class that belongs to a score. */
        int found(Score score) {
            return Integer.parseInt(Objects.requireNonNull(score.details().get(control.name())));
        }
    }

    /** Makes the scorers. */
    public ClassAccuracyReward(Config config, Context context) {
        try {
            scored(config.labels())
                    .forEach(labels -> judges.add(new Judge(labels.asControl(), labels, labels.scorer(context))));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static Stream<Labels.Scored> scored(List<Labels> labels) {
        return labels.stream().map(Labels.Scored.class::cast);
    }

    @Override
    public Spec spec() {
        return new Spec(Scope.POINTWISE, 0, 1, true, "share of right classes");
    }

    @Override
    public List<Path> files() {
        return judges.stream()
                .flatMap(judge -> judge.scorer.files().stream())
                .distinct()
                .toList();
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        for (Judge judge : judges) {
            facts.putAll(judge.scorer.facts());
            facts.put(
                    "classes of " + judge.control.name(),
                    judge.labels.reward().type() + " at " + judge.labels.thresholds());
        }
        return facts;
    }

    @Override
    public void check(Prompt prompt) {
        for (Judge judge : judges) {
            judge.asked(prompt);
            judge.scorer.check(prompt);
        }
    }

    @Override
    public void checkSize(int width, int height) {
        judges.forEach(judge -> judge.scorer.checkSize(width, height));
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        List<List<Score>> columns = judges.stream()
                .map(judge -> judge.scorer.score(images, prompts))
                .toList();
        List<Score> matches = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            int row = i;
            matches.add(match(columns.stream().map(column -> column.get(row)).toList(), prompts.get(i)));
        }
        return matches;
    }

    /** The result for one image from one score of each control. */
    private Score match(List<Score> scores, Prompt prompt) {
        boolean all = true;
        Map<String, String> details = new LinkedHashMap<>();
        for (int k = 0; k < judges.size(); k++) {
            Score score = scores.get(k);
            if (!score.ok()) {
                return score;
            }
            Judge judge = judges.get(k);
            int klass = judge.labels.classOf(score.value());
            all &= klass == judge.asked(prompt);
            details.put(judge.control.name(), Integer.toString(klass));
            details.put(judge.control.name() + ".score", Double.toString(score.value()));
        }
        return new Score(all ? 1 : 0, details, null);
    }

    /** {@code macro_f1} over the product of the classes; of several controls also {@code accuracy_CONTROL} of each. */
    @Override
    public Map<String, Double> summary(List<Score> scores, List<Prompt> prompts) {
        int[] known = IntStream.range(0, scores.size())
                .filter(i -> scores.get(i).ok())
                .toArray();
        if (known.length == 0) {
            return Map.of();
        }
        int classes = 1;
        int[] asked = new int[known.length];
        int[] found = new int[known.length];
        Map<String, Double> summary = new LinkedHashMap<>();
        for (Judge judge : judges) {
            int right = 0;
            for (int i = 0; i < known.length; i++) {
                int wanted = judge.asked(prompts.get(known[i]));
                int seen = judge.found(scores.get(known[i]));
                asked[i] += classes * wanted;
                found[i] += classes * seen;
                right += wanted == seen ? 1 : 0;
            }
            classes *= judge.control.classes();
            if (judges.size() > 1) {
                summary.put("accuracy_" + judge.control.name(), (double) right / known.length);
            }
        }
        summary.put("macro_f1", Confusion.of(classes, asked, found).macroF1());
        return summary;
    }

    @Override
    public void close() {
        judges.forEach(judge -> judge.scorer.close());
    }
}
