package org.imagerl.scoring;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.UserException;

/** Machines that score images, and perhaps compute runs, as long as it is open. */
public interface ScoringCluster extends AutoCloseable {

    /**
     * The address of a cluster, and how requests are made to it.
     *
     * @param master its address, as its own software writes it
     * @param properties of its own software
     * @param shipsCheckpoint whether the checkpoint of a run is sent to the executors, instead of lying under the same
     *     path there
     * @param device that the work is asked to compute on, as {@link org.imagerl.spi.Context#device} says it
     */
    record Settings(String master, Map<String, String> properties, boolean shipsCheckpoint, String device) {}

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
        ScoringCluster connect(Settings settings, Registry registry, Consumer<String> notices);
    }

    /**
     * Reaches a cluster.
     *
     * @throws UserException also if this program has no connector, or its connector lacks the cluster's own software
     */
    static ScoringCluster connect(Settings settings, Registry registry, Consumer<String> notices) {
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

    /**
     * What is to be scored.
     *
     * @param place a folder, list or image as for {@link ImageFinder#look}, or an address that the cluster's own software reads
     * @param request what is wanted beside the place
     * @param rewards as {@link org.imagerl.scoring.reward.RewardArguments} reads them, relative to this process's folder
     * @param device as {@link org.imagerl.spi.Context#device} says it
     */
    record Asked(String place, ImageFinder.Request request, List<String> rewards, String device) {}

    /**
     * Finds images.
     *
     * @param tables reads lists
     * @throws UserException as {@link ImageFinder#look}, and if the address cannot be read
     */
    ScoringJob open(Asked asked, Tables tables);

    /** Gives the machines back. */
    @Override
    void close();
}
