package org.imagerl.rewards.ocr;

import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.imagerl.rewards.Workers;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;

/**
 * How much of the text that the prompt asks for is read in the picture: see {@link TextMatch} for the number and
 * {@link TargetText} for what is asked for. Details: {@code read}, {@code target}, {@code distance}.
 *
 * <p>Source: Liu, Liu, Liang, Li, Liu, Wang, Wan, Zhang and Ouyang, "Flow-GRPO: Training Flow Matching Models via Online RL",
 * 2025, arXiv:2505.05470, section 5.1, and its code, flow_grpo/ocr.py. Departures: its recogniser for English is in no package registry,
 * so the one for Chinese and English reads; a prompt without quotes is an error, and so is a picture that
 * cannot be scored, where the code gives 0.
 */
final class OcrReward implements Reward {
    private final TextReader reader;
    private final double dropScore;
    private final Workers workers;

    /** Takes over the reader and the workers. */
    OcrReward(TextReader reader, double dropScore, Workers workers) {
        this.reader = reader;
        this.dropScore = dropScore;
        this.workers = workers;
    }

    @Override
    public Spec spec() {
        return new Spec(Scope.POINTWISE, 0, 1, true, "share of letters right");
    }

    @Override
    public void check(Prompt prompt) {
        TargetText.of(prompt);
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return workers.map(images.size(), i -> score(images.get(i), prompts.get(i)));
    }

    private Score score(RgbImage image, Prompt prompt) {
        try {
            String target = TargetText.of(prompt);
            String read = reader.read(image).stream()
                    .filter(line -> line.confidence() > 0 && line.confidence() >= dropScore)
                    .map(TextLine::text)
                    .collect(Collectors.joining(" ")); // for people: the comparison ignores spaces
            TextMatch match = TextMatch.of(read, target);
            return new Score(
                    match.reward(),
                    Map.of("read", read, "target", target, "distance", Integer.toString(match.distance())),
                    null);
        } catch (UserException e) {
            return Score.failed(String.valueOf(e.getMessage()));
        } catch (OrtException e) {
            return Score.failed("ONNX Runtime failed: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        workers.close();
        reader.close();
    }
}
