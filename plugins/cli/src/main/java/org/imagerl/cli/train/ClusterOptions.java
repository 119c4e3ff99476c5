package org.imagerl.cli.train;

import java.util.function.ToIntFunction;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.SparkOptions;
import org.imagerl.scoring.ScoringCluster;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.remote.Cluster;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who computes a run: this process, or a cluster. */
final class ClusterOptions {
    @Mixin
    private SparkOptions spark = new SparkOptions();

    @Option(
            names = "--ship-checkpoint",
            description = "Sends the checkpoint to the executors, which otherwise read it from the same path as here.")
    private boolean shipsCheckpoint;

    /** The options to add to a command that continues the run in the same way. */
    String words() {
        return spark.words();
    }

    /**
     * Does work with what computes it.
     *
     * @param device that the run is configured for
     */
    int run(CliContext session, String device, ToIntFunction<RunExecutors.Factory> work) {
        ScoringCluster.Settings settings = spark.settings(shipsCheckpoint, device);
        if (settings == null) {
            return work.applyAsInt(RunExecutors.THREADS);
        }
        try (Cluster cluster = Cluster.connect(settings, session.registry(), session::notice)) {
            return work.applyAsInt(cluster.executors());
        }
    }
}
