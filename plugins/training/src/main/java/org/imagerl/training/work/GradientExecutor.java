package org.imagerl.training.work;

import java.util.List;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.metric.Metrics;

/** Differentiates the objective. */
@FunctionalInterface
public interface GradientExecutor {

    /**
     * The result of a unit.
     *
     * @param metrics of the objective, by the unit's share
     * @param trained whether there was anything to differentiate
     */
    record Outcome(Metrics metrics, boolean trained) {}

    /**
     * Adds the gradients of an update to those of the trained tensors in this process. Unit i belongs to shard i mod S, where S is the number of
     * shards of the configuration. A shard adds up its units in their order; the shards are added up in a fixed binary tree. After a failure
     * nothing is added.
     *
     * @param units of one update
     * @return of each unit, in their order
     */
    List<Outcome> add(List<GradientUnit> units);

    /**
     * What the objective's survey sees of an update, before {@link #add}. Nothing is differentiated.
     *
     * @param units of one update
     * @return of all units together, in any order
     */
    default List<UpdateSurvey.Pair> survey(List<GradientUnit> units) {
        throw new UnsupportedOperationException("what computes the gradients here cannot look at an update first");
    }
}
