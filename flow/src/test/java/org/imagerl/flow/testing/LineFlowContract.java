package org.imagerl.flow.testing;

import ai.djl.ndarray.NDArray;
import java.util.Collection;
import java.util.function.Supplier;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.testkit.ObjectiveContract;

/** What every objective must do, on the smallest flow model. */
public abstract class LineFlowContract extends ObjectiveContract {
    private final LineFlow flow;
    private final Supplier<Objective> objective;
    private final Supplier<Batch> batch;

    protected LineFlowContract(LineFlow flow, Supplier<Objective> objective, Supplier<Batch> batch) {
        this.flow = flow;
        this.objective = objective;
        this.batch = batch;
    }

    @Override
    protected Objective create() {
        return objective.get();
    }

    /** After an update, so that the current weights are neither those of the rollouts nor the reference. */
    @Override
    protected Batch microBatch() {
        flow.weights.beforeUpdates();
        flow.move("offset", 0.2);
        return batch.get();
    }

    @Override
    protected Policy policy() {
        return flow.policy;
    }

    @Override
    protected Collection<NDArray> parameters() {
        return flow.parameters().values();
    }
}
