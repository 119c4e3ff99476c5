package org.imagerl.spark;

import java.util.function.Consumer;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.ScoringCluster;
import org.imagerl.spi.UserException;
import org.imagerl.training.config.PreparedRun;

/** Reaches clusters of Apache Spark. */
public final class SparkConnector implements ScoringCluster.Connector {

    @Override
    public ScoringCluster connect(ScoringCluster.Settings settings, Registry registry, Consumer<String> notices) {
        Consumer<String> lines = PreparedRun.oneAtATime(notices); // Spark speaks on threads of its own
        Master.requireThere(settings.master());
        SparkConf conf = Configuration.of(settings);
        Configuration.requireGpu(settings.device(), conf);
        JavaSparkContext spark = start(conf, settings.master());
        try {
            Master.requireExecutors(spark, settings.master(), lines);
            return new SparkCluster(spark, registry, settings.shipsCheckpoint(), lines);
        } catch (RuntimeException | Error e) {
            spark.stop();
            throw e;
        }
    }

    private static JavaSparkContext start(SparkConf conf, String master) {
        try {
            return new JavaSparkContext(conf);
        } catch (NoClassDefFoundError e) {
            throw e;
        } catch (Exception e) { // Scala throws SparkException without declaring it
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "--spark " + master + ": Spark could not be started: " + e.getMessage()
                            + "; docs/cluster.md says what each kind of master needs",
                    e);
        }
    }
}
