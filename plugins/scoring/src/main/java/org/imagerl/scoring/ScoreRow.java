package org.imagerl.scoring;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Score;

/**
 * The result of one image.
 *
 * @param name of the image
 * @param prompt its text
 * @param values by reward; NaN where there is none
 * @param details by {@code REWARD.NAME}
 * @param error why values are missing, or empty
 */
public record ScoreRow(
        String name, String prompt, Map<String, Double> values, Map<String, String> details, String error)
        implements Serializable {

    /** Row {@code index} of a table. */
    static ScoreRow of(String name, Prompt prompt, RewardTable table, int index) {
        Map<String, Double> values = new LinkedHashMap<>();
        Map<String, String> details = new TreeMap<>();
        List<String> errors = new ArrayList<>();
        for (RewardTable.Column column : table.columns()) {
            Score score = column.scores().get(index);
            values.put(column.name(), score.value());
            score.details().forEach((key, value) -> details.put(column.name() + "." + key, value));
            if (!score.ok()) {
                errors.add(column.name() + ": " + score.error());
            }
        }
        return new ScoreRow(name, prompt.text(), values, details, String.join("; ", errors));
    }

    /** The same row with another error. */
    ScoreRow withError(String other) {
        return new ScoreRow(name, prompt, values, details, other);
    }

    /** The row of an image that could not be read. */
    static ScoreRow unreadable(String name, Prompt prompt, List<WeightedRewards.Entry> rewards, String reason) {
        Map<String, Double> values = new LinkedHashMap<>();
        rewards.forEach(reward -> values.put(reward.name(), Double.NaN));
        return new ScoreRow(name, prompt.text(), values, Map.of(), reason);
    }
}
