package org.imagerl.spark;

import java.io.Serializable;
import java.util.List;
import org.imagerl.training.remote.ExecutorSession;

/**
 * What every task of a run needs to know.
 *
 * @param id unique among all runs that these executors may compute
 * @param config the configuration as it took effect, YAML
 * @param file where that is on the driver's machine, for messages
 * @param plugins paths of the jars of other plugins, the same on all machines
 * @param archive the name of the checkpoint among the files that Spark has sent; empty where it lies under its own path
 * @param hello what the driver has, which the executors must have too
 */
record RunSpec(String id, String config, String file, List<String> plugins, String archive, ExecutorSession.Hello hello)
        implements Serializable {}
