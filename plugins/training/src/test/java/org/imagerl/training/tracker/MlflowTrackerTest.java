package org.imagerl.training.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.Context;
import org.imagerl.spi.UserException;
import org.imagerl.spi.run.Tracker;
import org.imagerl.testkit.TrackerContract;
import org.imagerl.training.report.MetricsLog;
import org.imagerl.training.run.RunFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MlflowTrackerTest extends TrackerContract {
    @TempDir
    private Path folder;

    private final List<String> notices = Collections.synchronizedList(new ArrayList<>());
    private final SettableClock clock = new SettableClock();
    private MlflowRules server;

    private static final class SettableClock extends Clock {
        private Instant now = Instant.ofEpochSecond(1_800_000_000);

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    /** A run's own log before a tracker, as in the loop. */
    private record Logged(MetricsLog log, Tracker tracker) implements Tracker {
        @Override
        public void begin(Path run, long epoch) {
            log.begin(run, epoch);
            tracker.begin(run, epoch);
        }

        @Override
        public void metrics(long epoch, SortedMap<String, Double> values) {
            log.metrics(epoch, values);
            tracker.metrics(epoch, values);
        }

        @Override
        public void images(long epoch, Path images) {
            tracker.images(epoch, images);
        }

        @Override
        public void end(boolean finished) {
            tracker.end(finished);
        }

        @Override
        public void close() {
            tracker.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = new MlflowRules();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Override
    protected Tracker create(Path run) {
        return create(run, Map.of());
    }

    private Tracker create(Path run, Map<String, String> environment) {
        try {
            Files.writeString(
                    run.resolve("config.yaml"), "seed: 7\nlong: " + "x".repeat(600) + "\nrewards: [{type: ocr}]\n");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return new Logged(
                RunFolder.metrics(run),
                new MlflowTracker(new MlflowServer(server.url(), environment::get), "words", clock, notices::add));
    }

    @Override
    protected List<Long> epochs(Path run) {
        MlflowRecord record = MlflowRecord.read(MlflowRecord.file(run, server.url(), "words"));
        return server.runs.get(record.runId()).metrics.get("reward_mean").stream()
                .map(point -> Long.valueOf(point.split("=", 2)[0]))
                .toList();
    }

    private static void track(Tracker tracker, long... epochs) {
        for (long epoch : epochs) {
            tracker.metrics(epoch, new TreeMap<>(Map.of("reward_mean", 0.5 * epoch, "unknown", Double.NaN)));
        }
    }

    private MlflowRules.Run only() {
        assertThat(server.runs).hasSize(1);
        return server.runs.get("run0");
    }

    @Test
    void metricsConfigurationAndSampleGridsAreThere() throws IOException {
        byte[] image = {1, 2, 3};
        Files.createDirectories(folder.resolve("samples/step-000000000"));
        Files.write(folder.resolve("samples/step-000000000/grid.png"), image);
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, -1);
            track(tracker, 0);
            tracker.images(0, folder.resolve("samples/step-000000000"));
            tracker.metrics(1, new TreeMap<>(Map.of("reward[a b]/c", -2e-7)));
            tracker.end(true);
        }
        assertThat(only().metrics).containsEntry("reward_mean", List.of("0=0.0"));
        assertThat(only().metrics).containsEntry("reward_a b__c", List.of("1=-2.0E-7"));
        assertThat(only().metrics).doesNotContainKey("unknown");
        assertThat(only().params)
                .containsEntry("seed", "7")
                .containsEntry("rewards.0.type", "ocr")
                .containsEntry("long", "x".repeat(500));
        assertThat(only().name).isEqualTo(folder.getFileName().toString());
        assertThat(only().status).isEqualTo("FINISHED");
        assertThat(server.files).containsKey("0/run0/artifacts/config.yaml");
        assertThat(server.files.get("0/run0/artifacts/samples/step-000000000.png"))
                .isEqualTo(image);
        assertThat(notices).isEmpty();
    }

    @Test
    void aServerThatIsDownGetsAllWhenItAnswers() {
        server.silent = true;
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, -1);
            track(tracker, 0, 1);
            assertThat(notices).hasSize(1).first().asString().contains("the training goes on");
            server.silent = false;
            track(tracker, 2); // it is not asked for a minute
            assertThat(server.runs).isEmpty();
            clock.now = clock.now.plus(Duration.ofMinutes(1));
            track(tracker, 3);
        }
        assertThat(epochs(folder)).containsExactly(0L, 1L, 2L, 3L);
        assertThat(notices).hasSize(2).last().asString().contains("answers, and has what was missing");
    }

    @Test
    void whatWasMissingAtTheEndIsSentByAResume() {
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, -1);
            track(tracker, 0);
            server.silent = true;
            track(tracker, 1, 2);
            tracker.end(true);
        }
        assertThat(only().status).isEqualTo("RUNNING");
        assertThat(notices.get(notices.size() - 1)).contains("imagerl resume " + folder);
        server.silent = false;
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, 2);
            tracker.end(true);
        }
        assertThat(epochs(folder)).containsExactly(0L, 1L, 2L);
        assertThat(only().status).isEqualTo("FINISHED");
    }

    @Test
    void aRequestWhoseAnswerWasLostIsNotRepeated() {
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, -1);
            track(tracker, 0);
            server.losesAnswers = true;
            track(tracker, 1);
            server.losesAnswers = false;
            clock.now = clock.now.plus(Duration.ofMinutes(1));
            track(tracker, 2);
            tracker.end(false);
        }
        assertThat(epochs(folder)).containsExactly(0L, 1L, 2L);
        assertThat(only().status).isEqualTo("KILLED");
    }

    @Test
    void aRunThatFailedIsAFailureThere() {
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, -1);
            track(tracker, 0);
        }
        assertThat(only().status).isEqualTo("FAILED");
    }

    @Test
    void aRunThatTheServerLostIsSentAgain() {
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, -1);
            track(tracker, 0, 1);
        }
        server.runs.clear();
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, 1);
            track(tracker, 2);
        }
        assertThat(epochs(folder)).containsExactly(0L, 1L, 2L);
        assertThat(notices).singleElement().asString().contains("no longer has the run");
    }

    @Test
    void aServerWithoutAPlaceForFilesGetsTheNumbers() throws IOException {
        server.takesFiles = false;
        Files.createDirectories(folder.resolve("samples/step-000000000"));
        Files.write(folder.resolve("samples/step-000000000/grid.png"), new byte[1]);
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, -1);
            track(tracker, 0, 1);
        }
        assertThat(epochs(folder)).containsExactly(0L, 1L);
        assertThat(notices).singleElement().asString().contains("no place for artifacts");
    }

    @Test
    void theTokenIsSentAndInNoFile() throws IOException {
        try (Tracker tracker = create(folder, Map.of("MLFLOW_TRACKING_TOKEN", "s3cret"))) {
            tracker.begin(folder, -1);
            track(tracker, 0);
        }
        assertThat(server.authorizations).isNotEmpty().containsOnly("Bearer s3cret");
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file)).doesNotContain("s3cret");
            }
        }
        server.authorizations.clear();
        Map<String, String> password = Map.of("MLFLOW_TRACKING_USERNAME", "me", "MLFLOW_TRACKING_PASSWORD", "pw");
        try (Tracker tracker = create(folder, password)) {
            tracker.begin(folder, 0);
        }
        assertThat(server.authorizations).containsOnly("Basic bWU6cHc=");
    }

    @Test
    void anAddressIsThatOfAServerAndHoldsNoPassword() {
        Context context = new Context(folder, "cpu", 1, notices::add);
        MlflowFactory factory = new MlflowFactory(Map.of("MLFLOW_TRACKING_URI", "file:///tmp")::get);
        assertThatThrownBy(() -> factory.create(factory.defaults(), context))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("MLFLOW_TRACKING_URI is \"file:///tmp\"");
        assertThatThrownBy(() -> factory.create(new MlflowConfig("http://me:pw@host", "a"), context))
                .hasMessageContaining("MLFLOW_TRACKING_PASSWORD")
                .hasMessageNotContaining("me:pw");
        assertThatThrownBy(() -> new MlflowFactory(any -> null).create(new MlflowConfig(null, "a"), context))
                .hasMessageContaining("url is missing");
        factory.create(new MlflowConfig("http://127.0.0.1:5000/", "a"), context).close();
    }
}
