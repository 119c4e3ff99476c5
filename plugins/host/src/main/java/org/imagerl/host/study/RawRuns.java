package org.imagerl.host.study;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.imagerl.host.config.ConfigLoader;
import org.imagerl.host.config.EffectiveConfig;
import org.imagerl.host.config.RunConfig;
import org.imagerl.host.registry.Registry;
import org.imagerl.host.report.MetricsLog;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;

/**
 * The runs of a study that are finished: {@code NAME.jsonl} has the metrics, {@code NAME.yaml} the settings they were made with. What is here is not run
 * again, on whatever machine.
 */
final class RawRuns {
    private final Path folder;
    private final Registry registry;

    RawRuns(Path folder, Registry registry) {
        this.folder = folder;
        this.registry = registry;
    }

    /**
     * The metrics of a run, if it is finished.
     *
     * @param config its settings
     * @throws UserException if it was made with other settings
     */
    Optional<List<MetricsLog.Row>> find(EffectiveConfig config) {
        String name = config.config().run().name();
        Path settings = folder.resolve(name + ".yaml");
        Path metrics = folder.resolve(name + ".jsonl");
        if (!Files.exists(settings) || !Files.exists(metrics)) {
            return Optional.empty();
        }
        requireSame(settings, config, "delete " + metrics + " to run it again");
        return Optional.of(new MetricsLog(metrics).read());
    }

    /** Keeps the metrics of a finished run. */
    List<MetricsLog.Row> keep(EffectiveConfig config, Path run) {
        String name = config.config().run().name();
        List<MetricsLog.Row> rows = new MetricsLog(run.resolve("metrics.jsonl")).read();
        // Where the files lay on this machine is nobody's business.
        String settings = config.yaml().replaceFirst("(?m)^base_folder:.*\\R", "");
        AtomicFile.writeText(folder.resolve(name + ".yaml"), settings);
        AtomicFile.writeStream(folder.resolve(name + ".jsonl"), out -> Files.copy(run.resolve("metrics.jsonl"), out));
        return rows;
    }

    /**
     * Makes sure that a run is of the settings that the study gives it now.
     *
     * @param settings of the run
     * @throws UserException if not
     */
    void requireSame(Path settings, EffectiveConfig config, String remedy) {
        RunConfig now = config.config();
        List<String> here = List.of(
                "base_folder='" + now.baseFolder() + "'",
                "run.folder='" + now.run().folder() + "'");
        RunConfig then = new ConfigLoader(registry).read(settings, here).config();
        if (!then.equals(now)) {
            throw UserException.input(settings + ": this run was made with other settings than the study has now; "
                    + remedy + ", or take the old settings back");
        }
    }
}
