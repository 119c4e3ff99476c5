package org.imagerl.spark;

import java.io.Serializable;
import java.util.List;

/**
 * What all tasks of a job have in common.
 *
 * @param spec the run
 * @param rollouts those that are open: what executors hold of others is forgotten
 */
record Task(RunSpec spec, List<String> rollouts) implements Serializable {

    boolean isOpen(String part) {
        return rollouts.contains(part.substring(0, part.lastIndexOf('#')));
    }

    /** The name of a part of a rollout. */
    static String part(String rollout, int unit) {
        return rollout + "#" + unit;
    }
}
