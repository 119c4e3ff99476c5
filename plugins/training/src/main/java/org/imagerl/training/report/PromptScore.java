package org.imagerl.training.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.scoring.reward.Statistics;
import org.imagerl.spi.Prompt;
import org.jspecify.annotations.Nullable;

/**
 * The scores of an epoch's images of one prompt.
 *
 * @param prompt its text, cut where it is long
 * @param images of it
 * @param failed those without a score
 * @param mean of the weighted sum of the rewards; null if no image has a score
 */
public record PromptScore(
        String prompt, int images, int failed, @Nullable Double mean) {
    private static final int PROMPT_CHARACTERS = 160;

    /**
     * A line per prompt, in the order in which they were drawn.
     *
     * @param totals the weighted sum of each image, NaN where there is none
     * @param most prompts that are kept
     */
    static List<PromptScore> of(List<Prompt> prompts, double[] totals, int most) {
        Map<String, List<Integer>> places = new LinkedHashMap<>();
        for (int i = 0; i < prompts.size(); i++) {
            places.computeIfAbsent(prompts.get(i).id(), id -> new ArrayList<>()).add(i);
        }
        return places.values().stream()
                .limit(most)
                .map(images -> of(prompts.get(images.get(0)), images, totals))
                .toList();
    }

    private static PromptScore of(Prompt prompt, List<Integer> images, double[] totals) {
        Statistics scored =
                Statistics.of(images.stream().mapToDouble(i -> totals[i]).toArray());
        return new PromptScore(
                ShortText.of(prompt.text(), PROMPT_CHARACTERS),
                images.size(),
                images.size() - scored.n(),
                scored.n() == 0 ? null : (Double) scored.mean());
    }
}
