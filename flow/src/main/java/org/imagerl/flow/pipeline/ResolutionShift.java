package org.imagerl.flow.pipeline;

import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.flow.schedule.FlowSchedulerConfig;
import org.imagerl.flow.schedule.GridEnd;
import org.imagerl.latent.pipeline.OpenCheckpoint;

/** The schedule of a checkpoint, for the size of its transformer's image sequence. */
final class ResolutionShift {

    private ResolutionShift() {}

    static FlowSchedulerConfig read(OpenCheckpoint folder) {
        FlowSchedulerConfig config = FlowSchedulerConfig.read(folder.schedulerConfig());
        config.warnings().forEach(folder.warnings());
        return config;
    }

    /**
     * The schedule for latents of a shape.
     *
     * @param latentShape {@code [c, h, w]}
     * @param patch height and width of the patches that become tokens
     * @param end where grids of the family's published pipeline end
     */
    static FlowSchedule of(FlowSchedulerConfig config, long[] latentShape, int patch, GridEnd end) {
        long tokens = latentShape[1] / patch * (latentShape[2] / patch);
        return FlowSchedule.of(config, Math.toIntExact(tokens), end);
    }
}
