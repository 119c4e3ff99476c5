package org.imagerl.toolkit.parallel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.imagerl.spi.Tuning;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The trained tensors once for every shard of an update: all have the same values in the same memory, and gradients of their own. A shard adds
 * up the gradients of its tasks in their order; the shards are added up in a fixed binary tree, {@code ((0 + 1) + (2 + 3)) + ...}. The sum
 * depends on the number of shards, and not on how many workers computed them or which was faster. A shard more costs the memory of the
 * gradients.
 */
public final class GradientShards implements AutoCloseable {
    private final Tuning tuning;
    private final Workers workers;
    private final NDManager manager;

    /** Of all shards but the first, which has the tensors themselves. */
    private final List<SortedMap<String, NDArray>> replicas = new ArrayList<>();

    /** Work on one micro-batch, whose gradients are added to those of its shard. */
    @FunctionalInterface
    public interface Task {
        /** @param index of the task, from 0 */
        void run(int index);
    }

    /**
     * @param shards at least as many as workers
     * @param parent the replicas live in a sub-manager of this
     */
    public GradientShards(Tuning tuning, Workers workers, int shards, NDManager parent) {
        this.tuning = tuning;
        this.workers = workers;
        manager = parent.newSubManager();
        for (int i = 1; i < shards; i++) {
            SortedMap<String, NDArray> replica = new TreeMap<>();
            tuning.parameters().forEach((name, parameter) -> replica.put(name, replica(parameter)));
            replicas.add(replica);
        }
    }

    private NDArray replica(NDArray parameter) {
        NDArray replica = Scope.keep(parameter.stopGradient());
        replica.attach(manager);
        replica.setRequiresGradient(true);
        return replica;
    }

    /**
     * Runs tasks, task i in shard i mod shards, then adds all their gradients to those of the trained tensors; after a failure it does not.
     *
     * @throws RuntimeException as {@link Workers#run}
     */
    public void run(int tasks, Task task) {
        sum(compute(tasks, task));
    }

    /**
     * Runs tasks as {@link #run} does, for another process that adds the gradients up: nothing is added here.
     *
     * @return of each shard that has tasks the gradients by name, float32 in row-major order
     */
    public List<SortedMap<String, float[]>> take(int tasks, Task task) {
        int used = compute(tasks, task);
        List<SortedMap<String, float[]>> taken = new ArrayList<>();
        for (int shard = 0; shard < used; shard++) {
            taken.add(taken(shard));
        }
        return taken;
    }

    /**
     * Runs tasks one after the other as a single shard, for another process that adds shards up.
     *
     * @return the gradients by name, float32 in row-major order
     */
    public SortedMap<String, float[]> takeOne(int tasks, Task task) {
        workers.run(1, (shard, worker) -> {
            for (int i = 0; i < tasks; i++) {
                task.run(i);
            }
        });
        return taken(0);
    }

    private SortedMap<String, float[]> taken(int shard) {
        SortedMap<String, float[]> gradients = new TreeMap<>();
        tensors(shard).forEach((name, tensor) -> gradients.put(name, taken(tensor)));
        return gradients;
    }

    private static float[] taken(NDArray tensor) {
        try (NDArray gradient = tensor.getGradient()) {
            float[] values = Floats.of(gradient);
            JniUtils.zeroGrad((PtNDArray) tensor);
            return values;
        }
    }

    /**
     * Adds the gradients of shards that were computed elsewhere to those of the trained tensors, as {@link #run} does with its own.
     *
     * @param taken as {@link #take} gives them
     * @throws IllegalArgumentException before anything is added, if these are no gradients of the trained tensors
     */
    public void add(List<SortedMap<String, float[]>> taken) {
        if (taken.size() > replicas.size() + 1) {
            throw new IllegalArgumentException(taken.size() + " shards of gradients for " + (replicas.size() + 1));
        }
        taken.forEach(this::check);
        for (int shard = 0; shard < taken.size(); shard++) {
            SortedMap<String, float[]> gradients = taken.get(shard);
            SortedMap<String, NDArray> tensors = tensors(shard);
            Scope.run(() -> Gradients.record(recording -> {
                tensors.forEach((name, tensor) -> recording.backward(
                        tensor,
                        // a copy: the engine may keep this array, and Java's memory behind it is gone then
                        manager.create(Objects.requireNonNull(gradients.get(name)), tensor.getShape())
                                .duplicate()));
                return recording;
            }));
        }
        sum(taken.size());
    }

    private void check(SortedMap<String, float[]> gradients) {
        tuning.parameters().forEach((name, tensor) -> {
            float[] values = gradients.get(name);
            if (values == null || values.length != tensor.size()) {
                throw new IllegalArgumentException("the gradient of " + name + " has "
                        + (values == null ? 0 : values.length) + " elements, expected " + tensor.size());
            }
        });
        if (gradients.size() != tuning.parameters().size()) {
            throw new IllegalArgumentException(
                    gradients.size() + " gradients for " + tuning.parameters().size() + " trained tensors");
        }
    }

    /** Runs tasks; says how many shards have some. */
    private int compute(int tasks, Task task) {
        int shards = replicas.size() + 1;
        int used = Math.min(tasks, shards);
        AtomicBoolean failed = new AtomicBoolean();
        workers.run(
                used,
                (shard, worker) -> within(shard, () -> {
                    for (int i = shard; i < tasks && !failed.get(); i += shards) {
                        run(task, i, failed);
                    }
                }));
        return used;
    }

    private void sum(int used) {
        for (int distance = 1; distance < used; distance *= 2) {
            for (int i = 0; i + distance < used; i += 2 * distance) {
                add(i, i + distance);
            }
        }
    }

    private static void run(Task task, int index, AtomicBoolean failed) {
        try {
            task.run(index);
        } catch (RuntimeException | Error e) {
            failed.set(true); // the other shards begin nothing more
            throw e;
        }
    }

    private void within(int shard, Runnable body) {
        if (shard == 0) {
            body.run();
        } else {
            tuning.with(replicas.get(shard - 1), () -> {
                body.run();
                return body;
            });
        }
    }

    private SortedMap<String, NDArray> tensors(int shard) {
        return shard == 0 ? tuning.parameters() : replicas.get(shard - 1);
    }

    /** Adds the gradients of a shard to those of another one, and forgets them. */
    private void add(int to, int from) {
        SortedMap<String, NDArray> sums = tensors(to);
        Scope.run(() -> Gradients.record(recording -> {
            tensors(from).forEach((name, copy) -> {
                NDArray sum = Objects.requireNonNull(sums.get(name));
                recording.backward(sum, copy.getGradient()); // the way there is of adding to a gradient
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
