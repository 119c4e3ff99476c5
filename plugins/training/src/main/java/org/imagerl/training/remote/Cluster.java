package org.imagerl.training.remote;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.UserException;
import org.imagerl.training.loop.RunExecutors;

/** Machines that compute runs, as long as it is open. The loop itself stays in this process. */
public interface Cluster extends AutoCloseable {

    /**
     * Which cluster, and how it is asked.
     *
     * @param master its address, as its own software writes it
     * @param properties of its own software
     * @param shipsCheckpoint whether the checkpoint is sent to the executors, instead of lying under the same path there
     */
    record Settings(String master, Map<String, String> properties, boolean shipsCheckpoint) {}

    /** What reaches clusters of one kind. It is found on the class path by {@link ServiceLoader}. */
    @FunctionalInterface
    interface Connector {
        /**
         * Reaches a cluster.
         *
         * @param registry the plugins, which the executors load too
         * @param notices takes lines for the user
         * @throws UserException if the cluster cannot be reached or gives nothing to compute with
         */
        Cluster connect(Settings settings, Registry registry, Consumer<String> notices);
    }

    /**
     * Reaches a cluster.
     *
     * @throws UserException also if this program has no connector, or its connector lacks the cluster's own software
     */
    static Cluster connect(Settings settings, Registry registry, Consumer<String> notices) {
        try {
            List<Connector> found = ServiceLoader.load(Connector.class).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();
            if (found.size() == 1) {
                return found.get(0).connect(settings, registry, notices);
            }
        } catch (NoClassDefFoundError e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "--spark: Apache Spark is not on the class path (" + e.getMessage() + "); let the environment"
                            + " variable SPARK_HOME name an unpacked Spark 4.1, the folder that has jars/ in it",
                    e);
        }
        throw new UserException(
                UserException.Kind.ENVIRONMENT, "--spark: this distribution has no imagerl-spark jar in its lib/");
    }

    /** What computes a run here. Used for one run at a time. */
    RunExecutors.Factory executors();

    /** Gives the machines back. */
    @Override
    void close();
}
