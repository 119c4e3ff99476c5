package org.imagerl.spark;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.imagerl.config.ConfigText;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.ScoringJob;
import org.imagerl.scoring.Tables;
import org.imagerl.spark.job.Jobs;
import org.imagerl.spark.job.Processors;
import org.imagerl.spark.score.ScoringPlaces;
import org.imagerl.spi.io.ScratchFolder;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.remote.Cluster;
import org.imagerl.training.remote.ExecutorSession;
import org.imagerl.training.remote.Remembering;
import org.imagerl.training.run.RunFolder;
import org.jspecify.annotations.Nullable;

/** A running application of Spark. */
final class SparkCluster implements Cluster {
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

    private List<String> plugins() {
        return registry.foreignJars().stream()
                .map(jar -> jar.toAbsolutePath().toString())
                .toList();
    }

    @Override
    public ScoringJob open(Asked asked, Tables tables) {
        return new ScoringPlaces(spark, jobs, processors, plugins()).open(asked, tables);
    }

    RunExecutors open(OpenRun run, Path folder, ExecutorSession.Hello hello) {
        Remembering.refuse(Remembering.parts(run));
        Configuration.refuse(run.config().rollout().hints());
        Remembering.refuse(Remembering.latentRewards(run));
        Scoring.refuseLatents(run.rewards());
        Path config = RunFolder.configOf(folder);
        RunSpec spec = new RunSpec(
                UUID.randomUUID().toString(),
                ConfigText.of(config),
                config.toString(),
                plugins(),
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
