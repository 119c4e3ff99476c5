package org.imagerl.scoring;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.imagerl.scoring.reward.WeightedRewards;

/** Computes the rows of a scoring run, in this process or in others. The rows are the same. */
@FunctionalInterface
public interface ScoringExecutor {
    /** This process. */
    ScoringExecutor HERE = (rewards, options, items, rows, stopped) ->
            new BatchScorer(rewards, options.batchSize(), options.orientation()).score(items, rows, stopped);

    /** The prompt of an image, which may have to be fetched for this. */
    default ImageItem.Found found(ImageItem item) {
        return item.found();
    }

    /**
     * Scores images.
     *
     * @param rewards of the run
     * @param options of the run
     * @param items what has no row yet
     * @param rows takes all rows once, batch by batch, in the order of the images; with a groupwise reward a batch is a group. It ends the run by
     *     an exception
     * @param stopped whether to end with what was scored until now
     */
    void score(
            WeightedRewards rewards,
            ScoringRun.Options options,
            List<ImageItem> items,
            Consumer<ScoredBatch> rows,
            BooleanSupplier stopped);
}
