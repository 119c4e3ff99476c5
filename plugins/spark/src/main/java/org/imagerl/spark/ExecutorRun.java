package org.imagerl.spark;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Registry;
import org.imagerl.spark.job.Machine;
import org.imagerl.spark.job.TaskDevice;
import org.imagerl.spark.job.TaskFailure;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.DaemonThreads;
import org.imagerl.spi.work.IgnoredSignal;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.remote.ExecutorSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run that this executor computes: its checkpoint and its rewards are opened by the first task and stay open. All is computed by one thread, in the
 * order in which tasks ask, so that kernels always have the same number of threads; a task that Spark ends meanwhile stops waiting.
 */
final class ExecutorRun {
    private static final Logger LOG = LoggerFactory.getLogger(ExecutorRun.class);
    private static final ExecutorService THREAD =
            Executors.newSingleThreadExecutor(DaemonThreads.named("imagerl executor"));

    /** Of the thread alone. */
    private static @Nullable ExecutorRun open;

    private final RunSpec spec;
    private final ExecutorSession session;
    private final FetchedParts fetched;

    /** The broadcast that the session has its policy from; -1 before the first. */
    private long policy = -1;

    private ExecutorRun(RunSpec spec, ExecutorSession session) {
        this.spec = spec;
        this.session = session;
        this.fetched = new FetchedParts(session);
    }

    ExecutorSession session() {
        return session;
    }

    /** What it has of other executors' samples. */
    FetchedParts fetched() {
        return fetched;
    }

    /**
     * Computes something in a run.
     *
     * @param task what all tasks of this job have in common
     * @param policy its memory in parts, as {@link org.imagerl.training.loop.PolicyMemory} writes it
     */
    static <T> T compute(Task task, Broadcast<byte[][]> policy, Function<ExecutorRun, T> work) {
        String device = TaskDevice.orFailure();
        return waitFor(THREAD.submit(() -> {
            ExecutorRun run = opened(task.spec(), device);
            run.session.keep(task::isOpen);
            if (run.policy != policy.id()) {
                run.policy = -1;
                run.session.policy(Arrays.asList(policy.value()));
                run.policy = policy.id();
            }
            return work.apply(run);
        }));
    }

    /** Whether this executor has a part of a rollout in its memory. */
    static boolean holds(RunSpec spec, String part) {
        return waitFor(THREAD.submit((Callable<Boolean>) () -> {
            ExecutorRun run = open;
            return run != null && run.spec.id().equals(spec.id()) && run.session.holds(part);
        }));
    }

    private static <T> T waitFor(Future<T> work) {
        try {
            return work.get();
        } catch (InterruptedException e) {
            work.cancel(false); // a slow host need not catch up on tasks that others have done
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the task was ended", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof VirtualMachineError error) {
                throw error;
            }
            throw TaskFailure.of(e.getCause() == null ? e : e.getCause(), Machine.here());
        }
    }

    private static ExecutorRun opened(RunSpec spec, String device) {
        ExecutorRun run = open;
        if (run == null || !run.spec.id().equals(spec.id())) {
            if (run != null) {
                open = null;
                run.session.close();
            }
            IgnoredSignal
                    .interrupt(); // Ctrl-C goes to all processes of a terminal: the driver decides when this one ends
            run = new ExecutorRun(spec, session(spec, device));
            open = run;
        }
        return run;
    }

    private static ExecutorSession session(RunSpec spec, String device) {
        Registry registry = Registry.load(spec.plugins().stream().map(Path::of).toList());
        // A shard is a task here, and the tasks of an executor come one after the other.
        Overrides overrides = Overrides.NONE.set("workers", 1).set("shards", 1);
        if (!device.isEmpty()) {
            overrides = overrides.set("device", device);
        }
        if (!spec.archive().isEmpty()) {
            overrides = overrides.set(
                    "checkpoint", ShippedCheckpoint.unpacked(spec.archive()).toString());
        }
        PreparedRun prepared =
                new RunConfigLoader(registry).prepare(spec.config(), Path.of(spec.file()), overrides, LOG::info);
        ExecutorSession session = ExecutorSession.open(prepared, registry, LOG::info);
        try {
            spec.hello().require(session.hello(), "the executor");
            return session;
        } catch (UserException e) {
            session.close();
            throw e;
        }
    }
}
