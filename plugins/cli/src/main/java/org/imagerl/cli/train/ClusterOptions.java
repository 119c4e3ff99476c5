package org.imagerl.cli.train;

import java.util.Map;
import java.util.function.ToIntFunction;
import org.imagerl.cli.console.CliContext;
import org.imagerl.spi.UserException;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.remote.Cluster;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who computes a run: this process, or a cluster. */
final class ClusterOptions {
    @Option(
            names = "--spark",
            paramLabel = "MASTER",
            description = {
                "Computes the run on Apache Spark: local-cluster[EXECUTORS,CORES,MEGABYTES] on this machine, "
                        + "spark://HOST:PORT, yarn or k8s://URL. The numbers are the same as without. "
                        + "The environment variable SPARK_HOME names an unpacked Spark 4.1."
            })
    private @Nullable String master;

    @Option(
            names = "--spark-conf",
            paramLabel = "KEY=VALUE",
            description = "A property of Spark: --spark-conf spark.executor.memory=8g. Can be given several times.")
    private Map<String, String> properties = Map.of();

    @Option(
            names = "--ship-checkpoint",
            description = "Sends the checkpoint to the executors, which otherwise read it from the same path as here.")
    private boolean shipsCheckpoint;

    /** What to add to a command that goes on with the run in the same way. */
    String words() {
        return master == null ? "" : " --spark '" + master + "'";
    }

    /** Does work with what computes it. */
    int run(CliContext session, ToIntFunction<RunExecutors.Factory> work) {
        if (master == null) {
            if (shipsCheckpoint || !properties.isEmpty()) {
                throw UserException.input(
                        "--spark-conf and --ship-checkpoint are for a run on Spark: add --spark MASTER");
            }
            return work.applyAsInt(RunExecutors.THREADS);
        }
        Cluster.Settings settings = new Cluster.Settings(master, properties, shipsCheckpoint);
        try (Cluster cluster = Cluster.connect(settings, session.registry(), session::notice)) {
            return work.applyAsInt(cluster.executors());
        }
    }
}
