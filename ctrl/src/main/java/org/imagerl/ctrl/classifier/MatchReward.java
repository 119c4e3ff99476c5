package org.imagerl.ctrl.classifier;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.control.Control;
import org.imagerl.ctrl.data.Labels;
import org.imagerl.spi.Configured;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;

/** 1 if a picture is of the class that its prompt asks for, by the scorer that the labels are from, else 0: its mean is the accuracy. */
public final class MatchReward implements Reward {

    /**
     * How classes are told.
     *
     * @param control the field of the prompt that asks
     * @param reward the scorer
     * @param thresholds ascending: class 0 is below the first
     */
    public record Config(String control, Configured<Reward> reward, List<Double> thresholds) {

        /** All are required. */
        @SuppressWarnings("NullAway") // what has no default
        public static Config defaults() {
            return new Config(null, null, null);
        }
    }

    private final Labels.Scored labels;
    private final Control control;
    private final Reward scorer;

    /** Makes the scorer. */
    public MatchReward(Config config, Context context) {
        try {
            labels = new Labels.Scored(config.control(), config.reward(), config.thresholds());
            control = labels.asControl();
        } catch (IllegalArgumentException e) {
            throw UserException.input("control-match: " + e.getMessage(), e);
        }
        scorer = config.reward().create(context);
    }

    @Override
    public Spec spec() {
        return new Spec(scorer.spec().scope(), 0, 1, true, "share of right classes");
    }

    @Override
    public List<Path> files() {
        return scorer.files();
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>(scorer.facts());
        facts.put("classes of " + control.name(), labels.reward().type() + " at " + labels.thresholds());
        return facts;
    }

    @Override
    public void check(Prompt prompt) {
        control.required(prompt);
        scorer.check(prompt);
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        List<Score> scores = scorer.score(images, prompts);
        List<Score> matches = new ArrayList<>();
        for (int i = 0; i < scores.size(); i++) {
            matches.add(scores.get(i).ok() ? match(scores.get(i).value(), prompts.get(i)) : scores.get(i));
        }
        return matches;
    }

    private Score match(double value, Prompt prompt) {
        int klass = labels.classOf(value);
        return new Score(
                klass == control.required(prompt) ? 1 : 0,
                Map.of("class", Integer.toString(klass), "score", Double.toString(value)),
                null);
    }

    @Override
    public void close() {
        scorer.close();
    }
}
