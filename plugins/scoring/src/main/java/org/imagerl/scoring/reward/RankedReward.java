package org.imagerl.scoring.reward;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;

/**
 * The rank of an image in its group instead of its score: 0 for the worst of n images, (n - 1) / n for the best, as Flow-Factory's
 * {@code PickScore_Rank}; equal scores share the mean of their ranks (there the order of the batch decides). Images without a score
 * are not ranked and do not count. The scorer's own summary is of scores, not of ranks, so there is none.
 */
final class RankedReward implements Reward {
    private final Reward scorer;

    /** Takes over the scorer. */
    RankedReward(Reward scorer) {
        this.scorer = scorer;
    }

    @Override
    public Spec spec() {
        return new Spec(Scope.GROUPWISE, 0, 1, true, "rank in the group");
    }

    @Override
    public List<Path> files() {
        return scorer.files();
    }

    @Override
    public Map<String, String> facts() {
        return scorer.facts();
    }

    @Override
    public void check(Prompt prompt) {
        scorer.check(prompt);
    }

    @Override
    public void checkTrained(Prompt prompt, double weight, boolean ranked) {
        scorer.checkTrained(prompt, weight, true);
    }

    @Override
    public void checkSize(int width, int height) {
        scorer.checkSize(width, height);
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        List<Score> scores = scorer.score(images, prompts);
        double[] values =
                scores.stream().filter(Score::ok).mapToDouble(Score::value).toArray();
        return scores.stream().map(score -> ranked(score, values)).toList();
    }

    private Score ranked(Score score, double[] values) {
        if (!score.ok()) {
            return score;
        }
        double better = 0;
        for (double other : values) {
            int order = Double.compare(other, score.value()) * (scorer.spec().higherIsBetter() ? 1 : -1);
            better += order < 0 ? 1 : order == 0 ? 0.5 : 0;
        }
        return new Score((better - 0.5) / values.length, score.details(), null); // it is equal to itself
    }

    @Override
    public void close() {
        scorer.close();
    }
}
