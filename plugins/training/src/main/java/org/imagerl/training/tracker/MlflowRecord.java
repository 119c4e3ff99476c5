package org.imagerl.training.tracker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which run of a tracking server a run is, in a file of its folder. Which metrics are there, the server itself says.
 *
 * @param runId of the server
 * @param artifacts where the server keeps files of the run, an address
 * @param described whether it has the configuration
 * @param images the last epoch whose sample grid it has; -1 if none
 */
record MlflowRecord(String runId, String artifacts, boolean described, long images) {

    /** A run may be on several servers, and under several experiments. */
    static Path file(Path run, String url, String experiment) {
        return run.resolve(String.format(Locale.ROOT, "mlflow-%08x.json", (url + "\n" + experiment).hashCode()));
    }

    /**
     * What a file says; null if there is none.
     *
     * @throws org.imagerl.spi.UserException if it is damaged
     */
    static @Nullable MlflowRecord read(Path file) {
        if (!Files.exists(file)) {
            return null;
        }
        ObjectNode json = StrictJson.object(file);
        return new MlflowRecord(
                json.path("run_id").asString(""),
                json.path("artifacts").asString(""),
                json.path("described").asBoolean(false),
                json.path("images").asLong(-1));
    }

    void write(Path file, String url, String experiment) {
        ObjectNode json = StrictJson.newObject()
                .put("url", url)
                .put("experiment", experiment)
                .put("run_id", runId)
                .put("artifacts", artifacts)
                .put("described", described)
                .put("images", images);
        AtomicFile.writeText(file, StrictJson.indented(json) + "\n");
    }

    MlflowRecord afterDescription() {
        return new MlflowRecord(runId, artifacts, true, images);
    }

    MlflowRecord withImages(long epoch) {
        return new MlflowRecord(runId, artifacts, described, epoch);
    }
}
