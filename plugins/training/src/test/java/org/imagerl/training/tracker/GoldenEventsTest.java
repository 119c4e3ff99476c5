package org.imagerl.training.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.testkit.Golden;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Event files are those of TensorBoard's own classes, to the byte. */
class GoldenEventsTest {
    @TempDir
    private Path scratch;

    @TestFactory
    List<DynamicTest> filesAreThoseOfTensorBoard() throws IOException {
        return Golden.tests("events", folder -> {
            List<DynamicTest> tests = new ArrayList<>();
            for (JsonNode golden : JsonMapper.shared().readTree(Files.readString(folder.resolve("cases.json")))) {
                tests.add(dynamicTest(golden.get("name").asString(), () -> check(folder, golden)));
            }
            return tests;
        });
    }

    private void check(Path folder, JsonNode golden) throws IOException {
        String name = golden.get("name").asString();
        Path run = Files.createDirectories(scratch.resolve(name));
        Path samples = Files.createDirectories(run.resolve("samples"));
        Files.writeString(run.resolve("config.yaml"), golden.get("config").asString());
        Files.copy(folder.resolve(name + ".png"), samples.resolve("grid.png"));
        Instant now = Instant.ofEpochMilli(golden.get("milliseconds").asLong());
        try (TensorBoardTracker tracker = new TensorBoardTracker(Clock.fixed(now, ZoneOffset.UTC))) {
            tracker.begin(run, golden.get("epoch").asLong());
            long step = -1;
            for (JsonNode epoch : golden.get("epochs")) {
                step = epoch.get("step").asLong();
                tracker.metrics(step, metrics(epoch.get("metrics")));
            }
            tracker.images(step, samples);
            tracker.end(golden.get("finished").asBoolean());
        }
        try (Stream<Path> files = Files.list(TensorBoardTracker.folder(run))) {
            List<Path> written = files.toList();
            assertThat(written).hasSize(1);
            assertThat(Files.mismatch(written.get(0), folder.resolve(name + ".events")))
                    .as("first byte that differs")
                    .isEqualTo(-1);
        }
    }

    private static SortedMap<String, Double> metrics(JsonNode values) {
        SortedMap<String, Double> metrics = new TreeMap<>();
        values.properties()
                .forEach(value -> metrics.put(value.getKey(), value.getValue().asDouble()));
        return metrics;
    }
}
