package org.imagerl.flow.schedule;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.imagerl.hub.ConfigFile;

/**
 * The schedule of a flow-matching checkpoint, as the {@code scheduler_config.json} of diffusers' {@code FlowMatchEulerDiscreteScheduler} describes
 * it.
 *
 * @param trainTimesteps T: the denoiser is conditioned on t T
 * @param shift factor of the {@link TimeShift} where it does not depend on the image's size, above 0
 * @param dynamic how the shift depends on the image's size; empty: it does not
 * @param terminal the grid is stretched so that its last time before 0 is this; empty: it is not
 * @param warnings what a user should know of, one line each
 */
public record FlowSchedulerConfig(
        int trainTimesteps,
        double shift,
        Optional<DynamicShift> dynamic,
        Optional<Double> terminal,
        List<String> warnings) {

    /** Keeps its own copy of the list. */
    public FlowSchedulerConfig {
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads and checks one file. Absent keys have diffusers' defaults.
     *
     * @param path {@code scheduler/scheduler_config.json}
     * @throws org.imagerl.spi.UserException naming file, key and value of the first thing that is wrong or has no code here
     */
    public static FlowSchedulerConfig read(Path path) {
        return read(ConfigFile.read(path));
    }

    /** As {@link #read(Path)}, of a description that is open already. */
    public static FlowSchedulerConfig read(ConfigFile file) {
        return FlowSchedulerConfigReader.read(file);
    }
}
