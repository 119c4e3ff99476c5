package org.imagerl.spark.job;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/** The GPU of a task: the one that Spark gave it, or on a single machine one that no other executor has. */
public final class TaskDevice {
    /** The property that says how many GPUs a single machine has, of which each executor takes one. */
    public static final String GPUS = "spark.imagerl.gpus";

    /** Kept until the process ends. */
    private static @Nullable GpuClaim claim;

    private TaskDevice() {}

    /**
     * As a configuration names it; empty without one.
     *
     * @throws TaskFailure if none can be given
     */
    public static String orFailure() {
        try {
            return device();
        } catch (UserException e) {
            throw TaskFailure.of(e, Machine.here());
        }
    }

    private static synchronized String device() {
        TaskContext context = TaskContext.get();
        ResourceInformation gpu =
                context == null ? null : context.resourcesJMap().get("gpu");
        if (gpu != null) {
            return of(List.of(gpu.addresses()));
        }
        int gpus = SparkEnv.get().conf().getInt(GPUS, 0);
        if (gpus > 0 && claim == null) {
            claim = GpuClaim.of(
                    Path.of(System.getProperty("java.io.tmpdir", ".")),
                    SparkEnv.get().conf().getAppId(),
                    gpus);
        }
        return claim == null ? "" : claim.device();
    }

    static String of(List<String> addresses) {
        if (addresses.size() != 1 || !addresses.get(0).matches("[0-9]{1,3}")) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "Spark gave the task the GPUs " + addresses + ", expected one number: set"
                            + " spark.executor.resource.gpu.amount and spark.task.resource.gpu.amount to 1, and let the"
                            + " discovery script print addresses as numbers");
        }
        return "cuda:" + addresses.get(0);
    }
}
