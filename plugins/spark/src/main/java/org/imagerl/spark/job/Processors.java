package org.imagerl.spark.job;

import java.util.Collection;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Warns where executors compute with processors of different kinds. */
public final class Processors {
    private final TreeSet<String> kinds = new TreeSet<>();
    private final Consumer<String> notices;

    /** @param notices takes lines for the user */
    public Processors(Consumer<String> notices) {
        this.notices = notices;
    }

    /** These have computed something. */
    public void met(Collection<Machine> machines) {
        int before = kinds.size();
        machines.forEach(machine -> kinds.add(machine.processor()));
        if (kinds.size() > Math.max(1, before)) {
            notices.accept("warning: the executors have processors of different kinds (" + String.join(", ", kinds)
                    + "), whose numbers differ in their last digits. Which of them computes what is up to Spark: another run"
                    + " of this configuration will not be the same to the bit");
        }
    }
}
