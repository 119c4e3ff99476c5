package org.imagerl.flow.matching;

import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.recipe.Groups;

/** The images of each prompt in a micro-batch of an objective whose unit of training is the group. */
public final class PromptGroups {
    private PromptGroups() {}

    /** The rows of the micro-batch by prompt. */
    public static List<int[]> of(Batch batch) {
        return Groups.of(batch.trajectories().prompts().stream().map(Prompt::id).toList());
    }

    /** Per row the smallest sample of its prompt: a number of random streams that all images of a prompt share, however an update is cut and ordered. */
    public static int[] first(Batch batch) {
        int[] first = new int[batch.samples().length];
        for (int[] group : of(batch)) {
            int smallest =
                    Arrays.stream(group).map(row -> batch.samples()[row]).min().orElseThrow();
            for (int row : group) {
                first[row] = smallest;
            }
        }
        return first;
    }
}
