package org.imagerl.spark.score;

import java.io.Serializable;
import java.util.List;
import org.imagerl.scoring.ScoredBatch;
import org.imagerl.spark.job.Machine;

/** What one task scores. */
record Portion(List<Listed> items) implements Serializable {

    /**
     * What came of it.
     *
     * @param machine that scored it
     * @param batches in the order of the images
     */
    record Rows(Machine machine, List<ScoredBatch> batches) implements Serializable {}
}
