package org.imagerl.toolkit.parallel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.Tuning;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The trained tensors once for every worker: all have the same values in the same memory, and gradients of their own, so that workers
 * differentiate beside each other and what their gradients add up to does not depend on which of them was faster. A worker more costs the memory
 * of the gradients.
 */
public final class Replicas implements AutoCloseable {
    private final Tuning tuning;
    private final Workers workers;
    private final NDManager manager;

    /** Of all workers but the first, which has the tensors themselves. */
    private final List<SortedMap<String, NDArray>> others = new ArrayList<>();

    /** @param parent the replicas live in a sub-manager of this */
    public Replicas(Tuning tuning, Workers workers, NDManager parent) {
        this.tuning = tuning;
        this.workers = workers;
        manager = parent.newSubManager();
        for (int i = 1; i < workers.count(); i++) {
            SortedMap<String, NDArray> replica = new TreeMap<>();
            tuning.parameters().forEach((name, parameter) -> replica.put(name, replica(parameter)));
            others.add(replica);
        }
    }

    private NDArray replica(NDArray parameter) {
        NDArray replica = Scope.keep(parameter.stopGradient());
        replica.attach(manager);
        replica.setRequiresGradient(true);
        return replica;
    }

    /** Runs tasks as {@link Workers#run} does, then adds all their gradients to those of the trained tensors; after a failure it does not. */
    public void run(int tasks, Workers.Task task) {
        workers.run(tasks, (index, worker) -> {
            if (worker == 0) {
                task.run(index, worker);
            } else {
                tuning.with(others.get(worker - 1), () -> {
                    task.run(index, worker);
                    return task;
                });
            }
        });
        others.subList(0, Math.max(0, Math.min(tasks, workers.count()) - 1)).forEach(this::gather);
    }

    private void gather(Map<String, NDArray> replica) {
        Scope.run(() -> Gradients.record(recording -> {
            replica.forEach((name, copy) -> {
                NDArray parameter = Objects.requireNonNull(tuning.parameters().get(name));
                recording.backward(parameter, copy.getGradient()); // the way there is of adding to a gradient
                JniUtils.zeroGrad((PtNDArray) copy);
            });
            return recording;
        }));
    }

    @Override
    public void close() {
        manager.close();
    }
}
