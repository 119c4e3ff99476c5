package org.imagerl.spi.run;

import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Score;

/**
 * The scores of the images that an epoch sampled for its training.
 *
 * @param prompts of each image
 * @param rewards all that are trained on, at least one
 */
public record EpochScores(List<Prompt> prompts, List<Column> rewards) {

    /**
     * One of the rewards.
     *
     * @param name in logs
     * @param weight in the sum
     * @param scores one per image, failed ones with their reason
     */
    public record Column(String name, double weight, List<Score> scores) {}
}
