package org.imagerl.scoring.reward;

import java.time.Duration;
import org.imagerl.config.Default;
import org.imagerl.config.Inline;
import org.imagerl.config.Range;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.spi.Reward;
import org.jspecify.annotations.Nullable;

/**
 * One of several rewards; its short form is the type alone. The settings of the type stand beside these keys.
 *
 * @param reward {@code type} and settings
 * @param name in logs and tables, unique; by default the type
 * @param weight factor in the sum that is trained on; negative if lower is better
 * @param rank whether the score is replaced by its rank among the images of the prompt, 0 to 1, better is higher
 * @param timeLimitS seconds that a model may compute for one image (or for a batch that is computed together); an image that takes longer
 *     has a failed score with this reason
 */
public record RewardEntry(
        @Inline BoundPart<Reward> reward,
        @Nullable String name,
        @Default("1.0") double weight,
        @Default("false") boolean rank,

        @Default("120") @Range(min = 0, above = true, max = 86_400)
        double timeLimitS) {

    /** The time that one image may take. */
    public Duration timeLimit() {
        return Duration.ofMillis(Math.max(1, Math.round(1000 * timeLimitS)));
    }

    /** The name in logs and tables. */
    public String label() {
        return name == null ? reward.type() : name;
    }
}
