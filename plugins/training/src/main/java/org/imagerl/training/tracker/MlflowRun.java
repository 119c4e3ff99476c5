package org.imagerl.training.tracker;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.training.report.MetricsLog;
import org.imagerl.training.run.Checkpoints;
import org.imagerl.training.run.RunFolder;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A run on a tracking server of MLflow. MLflow keeps every value that it is sent, so that a metric is sent for those steps alone that come
 * after the last one that the server has of it: no step is there twice, whenever a process died.
 */
final class MlflowRun {
    /** Metrics, and settings, of one request: MLflow takes no more. */
    private static final int METRICS = 1000;

    private static final int SETTINGS = 100;
    /** Characters of a name and of a setting that every version of MLflow takes; the whole configuration is there as a file. */
    private static final int NAME = 250;

    private static final int SETTING = 500;
    private static final int MAX_FILE_BYTES = 1 << 28;

    private final MlflowServer server;
    private final String experiment;
    private final Path folder;
    private final Clock clock;
    private final Consumer<String> notices;

    private @Nullable MlflowRecord known;
    /** The last step of each metric that the server has; null if it is to be asked. */
    private @Nullable Map<String, Long> steps;

    private boolean withoutFiles;

    /**
     * Asks the server nothing yet.
     *
     * @param folder of the run
     * @param notices takes lines for the user
     */
    MlflowRun(MlflowServer server, String experiment, Path folder, Clock clock, Consumer<String> notices) {
        this.server = server;
        this.experiment = experiment;
        this.folder = folder;
        this.clock = clock;
        this.notices = notices;
        this.known = MlflowRecord.read(file());
    }

    private Path file() {
        return MlflowRecord.file(folder, server.url(), experiment);
    }

    private MlflowRecord keep(MlflowRecord now) {
        now.write(file(), server.url(), experiment);
        known = now;
        return now;
    }

    /** After a request whose answer was lost: it may have been carried out. */
    void forgetSteps() {
        steps = null;
    }

    /**
     * Begins the run anew. The values of an earlier beginning do not count: the server keeps them as a run that was
     * ended.
     */
    void beginAgain() throws IOException {
        MlflowRecord former = known;
        known = null;
        if (former != null) {
            update(former, "KILLED");
        }
    }

    /** Sends all that the server lacks. */
    void send() throws IOException {
        Map<String, Long> there = steps == null ? asked() : steps;
        steps = there;
        MlflowRecord run = Objects.requireNonNull(known);
        if (!run.described()) {
            describe(run);
        }
        sendMetrics(run, there);
        sendImages();
    }

    /** Says how the run does: RUNNING, FINISHED, KILLED or FAILED; nothing if the server has no run yet. */
    void status(String status) throws IOException {
        if (known != null) {
            update(known, status);
        }
    }

    private void update(MlflowRecord run, String status) throws IOException {
        ObjectNode request = request(run).put("status", status);
        if (!status.equals("RUNNING")) {
            request.put("end_time", clock.millis());
        }
        server.post("runs/update", request);
    }

    private static ObjectNode request(MlflowRecord run) {
        return StrictJson.newObject().put("run_id", run.runId());
    }

    private MlflowRecord created() throws IOException {
        ObjectNode request = StrictJson.newObject()
                .put("experiment_id", experimentId())
                .put("run_name", String.valueOf(folder.toAbsolutePath().getFileName()))
                .put("start_time", clock.millis());
        request.putArray("tags").addObject().put("key", "mlflow.source.name").put("value", "imagerl");
        var info = server.post("runs/create", request).path("run").path("info");
        return keep(new MlflowRecord(
                info.path("run_id").asString(""), info.path("artifact_uri").asString(""), false, -1));
    }

    private String experimentId() throws IOException {
        try {
            ObjectNode answer = server.get("experiments/get-by-name", "experiment_name", experiment);
            return answer.path("experiment").path("experiment_id").asString("");
        } catch (MlflowServer.Refusal e) {
            if (!e.isMissing()) {
                throw e;
            }
            ObjectNode made =
                    server.post("experiments/create", StrictJson.newObject().put("name", experiment));
            return made.path("experiment_id").asString("");
        }
    }

    /** The last step of each metric on the server, on which the run is afterwards. */
    private Map<String, Long> asked() throws IOException {
        MlflowRecord run = known == null ? created() : known;
        try {
            ObjectNode answer = server.get("runs/get", "run_id", run.runId());
            update(run, "RUNNING");
            Map<String, Long> last = new HashMap<>();
            answer.path("run")
                    .path("data")
                    .path("metrics")
                    .forEach(metric -> last.put(
                            metric.path("key").asString(""), metric.path("step").asLong(0)));
            return last;
        } catch (MlflowServer.Refusal e) {
            if (!e.isMissing()) {
                throw e;
            }
            notices.accept("warning: tracker mlflow: " + server.url() + " no longer has the run " + run.runId()
                    + "; another one is made there");
            created();
            return new HashMap<>();
        }
    }

    private void describe(MlflowRecord run) throws IOException {
        RunSettings settings = RunSettings.read(RunFolder.configOf(folder));
        List<Map.Entry<String, Object>> all = List.copyOf(settings.values().entrySet());
        for (int from = 0; from < all.size(); from += SETTINGS) {
            ObjectNode request = request(run);
            ArrayNode params = request.putArray("params");
            for (Map.Entry<String, Object> setting : all.subList(from, Math.min(all.size(), from + SETTINGS))) {
                params.addObject()
                        .put("key", name(setting.getKey()))
                        .put("value", cut(String.valueOf(setting.getValue()), SETTING));
            }
            server.post("runs/log-batch", request);
        }
        put(run, "config.yaml", RunFolder.configOf(folder));
        keep(run.afterDescription());
    }

    private void sendMetrics(MlflowRecord run, Map<String, Long> there) throws IOException {
        List<ObjectNode> lacking = new ArrayList<>();
        for (MetricsLog.Row row : RunFolder.metrics(folder).read()) {
            row.values().forEach((key, value) -> {
                String name = name(key);
                if (Double.isFinite(value) && row.step() > there.getOrDefault(name, -1L)) {
                    lacking.add(StrictJson.newObject()
                            .put("key", name)
                            .put("value", value)
                            .put("timestamp", clock.millis())
                            .put("step", row.step()));
                }
            });
        }
        for (int from = 0; from < lacking.size(); from += METRICS) {
            List<ObjectNode> some = lacking.subList(from, Math.min(lacking.size(), from + METRICS));
            ObjectNode request = request(run);
            some.forEach(request.putArray("metrics")::add);
            server.post("runs/log-batch", request);
            some.forEach(metric ->
                    there.put(metric.path("key").asString(), metric.path("step").asLong()));
        }
    }

    private void sendImages() throws IOException {
        for (Map.Entry<Long, Path> grid : RunFolder.grids(folder).entrySet()) {
            MlflowRecord run = known;
            if (run != null && grid.getKey() > run.images()) {
                if (!put(run, "samples/" + Checkpoints.name(grid.getKey()) + ".png", grid.getValue())) {
                    return;
                }
                keep(run.withImages(grid.getKey()));
            }
        }
    }

    /** Stores a file; false if the server takes none, which gets the rest all the same. */
    private boolean put(MlflowRecord run, String name, Path file) throws IOException {
        URI artifacts = URI.create(run.artifacts().replace(" ", "%20"));
        if (!withoutFiles && !"mlflow-artifacts".equals(artifacts.getScheme())) {
            withoutFiles("keeps files at " + artifacts + ", where only MLflow's own client can write");
        }
        if (withoutFiles) {
            return false;
        }
        String root = artifacts.getPath().replaceFirst("^/+", "");
        try {
            server.put(root + "/" + name, BoundedFile.read(file, MAX_FILE_BYTES));
            return true;
        } catch (MlflowServer.Refusal e) {
            withoutFiles(String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void withoutFiles(String reason) {
        withoutFiles = true;
        notices.accept("warning: tracker mlflow: " + server.url() + " " + reason
                + "; sample grids and config.yaml are not sent (start it with: mlflow server --serve-artifacts)");
    }

    /** A name as MLflow takes it: {@code rewards[0].type} is {@code rewards.0.type} there. */
    private static String name(String name) {
        return cut(name.replaceAll("\\[([0-9]+)]", ".$1").replaceAll("[^A-Za-z0-9_. -]", "_"), NAME);
    }

    private static String cut(String text, int characters) {
        return text.length() <= characters ? text : text.substring(0, characters);
    }
}
