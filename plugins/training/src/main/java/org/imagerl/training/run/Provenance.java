package org.imagerl.training.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.imagerl.spi.io.Hashes;
import org.imagerl.spi.io.StrictJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a run was made with.
 *
 * @param version of imagerl
 * @param engine name and version of the tensor engine
 * @param java version and vendor
 * @param os name, version and architecture
 * @param seed of all random streams
 * @param commandLine as typed
 * @param started when
 * @param sha256 of the input files by path: checkpoint, prompts, reward models, plugins of others
 */
public record Provenance(
        String version,
        String engine,
        String java,
        String os,
        long seed,
        List<String> commandLine,
        Instant started,
        SortedMap<String, String> sha256) {

    /**
     * The provenance of this process.
     *
     * @param inputs files and folders whose content the result depends on
     */
    public static Provenance of(
            String version, String engine, long seed, List<String> commandLine, List<Path> inputs, Clock clock) {
        return new Provenance(
                version,
                engine,
                properties("java.version", "java.vendor"),
                properties("os.name", "os.version", "os.arch"),
                seed,
                List.copyOf(commandLine),
                clock.instant(),
                Hashes.sha256(inputs));
    }

    /**
     * Input files that are other files now than when a run began. Settings beside a checkpoint do not count: a run has its own.
     *
     * @param written the {@code provenance.json} of the run; without one nothing is known
     * @param inputs files and folders whose content the result depends on
     */
    public static List<String> changed(Path written, List<Path> inputs) {
        if (!Files.isRegularFile(written)) {
            return List.of();
        }
        JsonNode before = StrictJson.object(written).path("sha256");
        return Hashes.sha256(inputs).entrySet().stream()
                .filter(now -> !now.getKey().endsWith(".yaml"))
                .filter(now -> before.has(now.getKey())
                        && !before.get(now.getKey()).asString().equals(now.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static String properties(String... names) {
        return String.join(" ", List.of(names).stream().map(System::getProperty).toList());
    }

    /** As it stands in {@code provenance.json}. */
    public String json() {
        return JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(this)
                + "\n";
    }
}
