package org.imagerl.cli.console;

import java.util.Map;
import org.imagerl.scoring.ScoringCluster;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that choose a cluster for the computing. */
public final class SparkOptions {
    @Option(
            names = "--spark",
            paramLabel = "MASTER",
            description = {
                "Computes on Apache Spark: local-cluster[EXECUTORS,CORES,MEGABYTES] on this machine, "
                        + "spark://HOST:PORT, yarn or k8s://URL. The numbers are the same as without. "
                        + "The environment variable SPARK_HOME names an unpacked Spark 4.1."
            })
    private @Nullable String master;

    @Option(
            names = "--spark-conf",
            paramLabel = "KEY=VALUE",
            description = "A property of Spark: --spark-conf spark.executor.memory=8g. Can be given several times.")
    private Map<String, String> properties = Map.of();

    /** The options to add to a command that continues in the same way. */
    public String words() {
        return master == null ? "" : " --spark '" + master + "'";
    }

    /**
     * The cluster; null if this process computes.
     *
     * @param shipsCheckpoint whether the checkpoint is sent to the executors
     * @param device that the work is asked to compute on
     */
    public ScoringCluster.@Nullable Settings settings(boolean shipsCheckpoint, String device) {
        if (master == null && (shipsCheckpoint || !properties.isEmpty())) {
            throw UserException.input((shipsCheckpoint ? "--ship-checkpoint" : "--spark-conf")
                    + ": is for a run on Spark: add --spark MASTER");
        }
        return master == null ? null : new ScoringCluster.Settings(master, properties, shipsCheckpoint, device);
    }
}
