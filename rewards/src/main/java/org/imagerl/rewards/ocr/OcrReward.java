package org.imagerl.rewards.ocr;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.imagerl.images.text.TargetText;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.Workers;

/**
 * How much of the text that the prompt asks for is read in the image: see {@link TextMatch} for the number and
 * {@link TargetText} for what is asked for. Details: {@code read}, {@code target}, {@code distance}, {@code exact} (nothing else was
 * read), {@code confidence} of the least certain line, and what was {@code dropped} for too little of it.
 *
 * <p>Source: Liu, Liu, Liang, Li, Liu, Wang, Wan, Zhang and Ouyang, "Flow-GRPO: Training Flow Matching Models via Online RL",
 * 2025, arXiv:2505.05470, section 5.1, and its code, flow_grpo/ocr.py. Departures: its recogniser for English is in no package registry,
 * so the one for Chinese and English reads; a prompt without quotes is an error, and so is an image that
 * cannot be scored, where the code gives 0.
 */
final class OcrReward implements Reward {
    /** Stands after what was read. */
    private static final String WHOLE = " [no line was found that can be read; the whole image was read as one]";

    private final TextReader reader;
    private final TargetText target;
    private final OcrConfig config;
    private final Workers workers;

    /** Takes over the reader and the workers. */
    OcrReward(TextReader reader, TargetText target, OcrConfig config, Workers workers) {
        this.reader = reader;
        this.target = target;
        this.config = config;
        this.workers = workers;
    }

    @Override
    public Spec spec() {
        return new Spec(Scope.POINTWISE, 0, 1, true, "share of letters right");
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        if (config.mode() == OcrConfig.Mode.DETECT) {
            facts.put("detector", Resources.identity(config.models().detector()));
        }
        facts.put("recogniser", Resources.identity(config.models().recogniser()));
        facts.put(
                "reads",
                config.mode() == OcrConfig.Mode.LINE ? "the whole image as one line" : "lines, where it finds them");
        facts.put("channel order", word(config.channelOrder()));
        facts.put("reading order", word(config.readingOrder()));
        facts.put("ignored", "lines of a confidence below " + config.dropScore() + ignored());
        facts.put(
                "target",
                "the field text, else what stands between quotes (" + word(config.quotes()) + "), else " + otherwise());
        return facts;
    }

    private String ignored() {
        return (config.ignoreCase() ? ", case" : "") + (config.ignoreSpaces() ? ", spaces" : "");
    }

    private String otherwise() {
        return switch (config.fallback()) {
            case ERROR -> "the prompt is refused";
            case PROMPT -> "the whole prompt";
            case SKIP -> "there is no score";
        };
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void check(Prompt prompt) {
        target.check(prompt);
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        List<TextReader.Reading> readings = reader.read(images, workers);
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i < readings.size(); i++) {
            scores.add(score(readings.get(i), prompts.get(i)));
        }
        return scores;
    }

    private Score score(TextReader.Reading reading, Prompt prompt) {
        if (!reading.error().isEmpty()) {
            return Score.failed(reading.error());
        }
        try {
            String wanted = target.of(prompt);
            List<TextLine> kept = reading.lines().stream().filter(this::counts).toList();
            String read = text(kept); // with spaces for people
            TextMatch match = TextMatch.of(read, wanted, target.folding());
            Map<String, String> details = new HashMap<>();
            details.put("read", reading.whole() && !read.isBlank() ? read + WHOLE : read);
            details.put("target", wanted);
            details.put("distance", Integer.toString(match.distance()));
            details.put("exact", Boolean.toString(match.exact()));
            details.put("confidence", confidence(kept));
            String dropped =
                    text(reading.lines().stream().filter(line -> !counts(line)).toList());
            if (!dropped.isBlank()) {
                details.put("dropped", dropped);
            }
            return new Score(match.reward(), details, null);
        } catch (UserException e) {
            return Score.failed(String.valueOf(e.getMessage()));
        }
    }

    private boolean counts(TextLine line) {
        return line.counts(config.dropScore());
    }

    private static String text(List<TextLine> lines) {
        return lines.stream().map(TextLine::text).collect(Collectors.joining(" "));
    }

    /** The confidence of the line that was read with the lowest one. */
    private static String confidence(List<TextLine> lines) {
        double least = lines.stream().mapToDouble(TextLine::confidence).min().orElse(0);
        return String.format(Locale.ROOT, "%.3f", least);
    }

    @Override
    public void close() {
        workers.close();
        reader.close();
    }
}
