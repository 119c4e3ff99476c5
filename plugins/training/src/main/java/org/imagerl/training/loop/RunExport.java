package org.imagerl.training.loop;

import java.nio.file.Path;
import java.util.Map;
import org.imagerl.training.config.RunConfig;

/** Writes what a run trained, for other tools, with what it was made of. */
final class RunExport {
    private final RunConfig config;
    private final PolicyRuntime runtime;

    RunExport(RunConfig config, PolicyRuntime runtime) {
        this.config = config;
        this.runtime = runtime;
    }

    /** Writes the weights that are evaluated, those after an epoch, into a folder; the file that other tools load. */
    Path write(Path folder, long epoch) {
        Map<String, String> provenance = Map.of(
                "version", Training.VERSION,
                "checkpoint", checkpointName(),
                "seed", Long.toString(config.seed()),
                "epoch", Long.toString(epoch));
        return runtime.averaged(() -> runtime.tuning().export(folder, provenance));
    }

    /** The folder's name alone: where it lies on this machine is nobody's business, and "." says nothing. */
    private String checkpointName() {
        Path folder = config.resolve(config.checkpoint()).toAbsolutePath().normalize();
        return String.valueOf(folder.getFileName() == null ? folder : folder.getFileName());
    }
}
