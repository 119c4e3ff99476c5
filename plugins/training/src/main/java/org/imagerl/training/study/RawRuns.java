package org.imagerl.training.study;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.report.MetricsLog;
import org.imagerl.training.run.RunFolder;

/**
 * The runs of a study that are finished: {@code NAME.jsonl} has the metrics, {@code NAME.yaml} the settings they were made with, {@code NAME.png} the last
 * sample grid of some. What is here is not run again, on whatever machine.
 */
final class RawRuns {
    /** The sample grid before training; no run is named so, for their names end in their seed. */
    static final String BEFORE = "before-training";

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
        copy(run.resolve("metrics.jsonl"), folder.resolve(name + ".jsonl"));
        return rows;
    }

    /** Keeps the last sample grid of a run, and that before training of the first one; none if there is none. */
    void keepImages(String name, Path run) {
        SortedMap<Long, Path> grids = RunFolder.grids(run);
        if (grids.isEmpty()) {
            return;
        }
        copy(Objects.requireNonNull(grids.get(grids.lastKey())), image(name));
        Path before = grids.get(0L);
        if (before != null && !Files.exists(image(BEFORE))) {
            copy(before, image(BEFORE));
        }
    }

    private Path image(String name) {
        return folder.resolve(name + ".png");
    }

    private static void copy(Path from, Path to) {
        AtomicFile.writeStream(to, out -> Files.copy(from, out));
    }

    /**
     * Makes sure that a run is of the settings that the study gives it now.
     *
     * @param settings of the run
     * @throws UserException if not
     */
    void requireSame(Path settings, EffectiveConfig config, String remedy) {
        RunConfig now = config.config();
        Overrides here = Overrides.NONE
                .set("base_folder", now.baseFolder())
                .set("run.folder", now.run().folder());
        RunConfig then = new RunConfigLoader(registry).read(settings, here).config();
        if (!then.equals(now)) {
            throw UserException.input(settings + ": this run was made with other settings than the study has now; "
                    + remedy + ", or take the old settings back");
        }
    }
}
