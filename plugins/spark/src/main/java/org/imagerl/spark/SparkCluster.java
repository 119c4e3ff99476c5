package org.imagerl.spark;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.imagerl.config.ConfigText;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.ScratchFolder;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.remote.Cluster;
import org.imagerl.training.remote.ExecutorSession;
import org.imagerl.training.run.RunFolder;
import org.jspecify.annotations.Nullable;

/** A running application of Spark. */
final class SparkCluster implements Cluster {
    /** Parts that compute on executors: what they remember would have to come back. */
    private static final Set<String> COMPUTING = Set.of(
            "algorithm.objective",
            "algorithm.likelihood",
            "algorithm.ratio",
            "algorithm.trust_region",
            "algorithm.step_weight",
            "algorithm.penalty",
            "algorithm.proximal");

    private final JavaSparkContext spark;
    private final Registry registry;
    /** Where archives of checkpoints lie from which Spark sends them; null if none are sent. */
    private final @Nullable ScratchFolder shipped;

    private final Jobs jobs;
    private final Processors processors;

    SparkCluster(JavaSparkContext spark, Registry registry, boolean shipsCheckpoint, Consumer<String> notices) {
        this.spark = spark;
        this.registry = registry;
        this.shipped = shipsCheckpoint ? ScratchFolder.create() : null;
        this.jobs = new Jobs(spark, notices);
        this.processors = new Processors(notices);
    }

    @Override
    public RunExecutors.Factory executors() {
        return (run, folder) -> open(run, folder, ExecutorSession.Hello.of(run));
    }

    RunExecutors open(OpenRun run, Path folder, ExecutorSession.Hello hello) {
        List<String> remembering = run.parts().stateful().keySet().stream()
                .filter(COMPUTING::contains)
                .toList();
        if (!remembering.isEmpty()) {
            throw UserException.input(
                    String.join(", ", remembering)
                            + " remembers what it has computed, which every executor would keep to itself: train without --spark");
        }
        Configuration.requireGpu(run.config().device(), spark.getConf());
        Path config = RunFolder.configOf(folder);
        RunSpec spec = new RunSpec(
                UUID.randomUUID().toString(),
                ConfigText.of(config),
                config.toString(),
                registry.foreignJars().stream()
                        .map(jar -> jar.toAbsolutePath().toString())
                        .toList(),
                archive(run.config()),
                hello);
        SparkExecutors executors = new SparkExecutors(run, spark, spec, jobs, processors);
        return new RunExecutors(executors, executors);
    }

    private String archive(RunConfig config) {
        if (shipped == null) {
            return "";
        }
        Path archive = ShippedCheckpoint.pack(config.resolve(config.checkpoint()), shipped.path());
        spark.addFile(archive.toString());
        return String.valueOf(archive.getFileName());
    }

    @Override
    public void close() {
        jobs.close();
        spark.stop();
        if (shipped != null) {
            shipped.close();
        }
    }
}
