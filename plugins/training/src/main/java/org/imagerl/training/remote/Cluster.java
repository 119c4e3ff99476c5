package org.imagerl.training.remote;

import java.util.function.Consumer;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.ScoringCluster;
import org.imagerl.spi.UserException;
import org.imagerl.training.loop.RunExecutors;

/** Machines that compute runs, as long as it is open. The loop itself stays in this process. */
public interface Cluster extends ScoringCluster {

    /**
     * Reaches a cluster.
     *
     * @throws UserException as {@link ScoringCluster#connect}, and if it can only score
     */
    static Cluster connect(Settings settings, Registry registry, Consumer<String> notices) {
        ScoringCluster reached = ScoringCluster.connect(settings, registry, notices);
        if (reached instanceof Cluster cluster) {
            return cluster;
        }
        reached.close();
        throw new UserException(UserException.Kind.ENVIRONMENT, "--spark " + settings.master() + ": computes no runs");
    }

    /** The executors that compute a run here. They serve one run at a time. */
    RunExecutors.Factory executors();
}
