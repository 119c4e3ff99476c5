package org.imagerl.tests.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.imagerl.tests.Paths;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process with a home and a folder for temporary files of its own trains, scores and serves, without the variable that keeps telemetry
 * of ONNX Runtime quiet. Where the system allows it, the process is in a network without routes, which counts what it tried to send.
 */
@EnabledOnOs(OS.LINUX)
class PrivacyTest {
    private static final List<String> NEW_NETWORK = List.of("unshare", "-rn", "sh", "-c");
    /** {@code ip} may be missing; the loopback device is only for the server. */
    private static final String LOOPBACK = "ip link set lo up 2>/dev/null || exit 9; ";

    @TempDir
    private static Path folder;

    private static boolean separateNetwork;
    private static String output = "";

    @BeforeAll
    static void trainScoreAndServe() throws Exception {
        for (String each : List.of("home", "tmp", "results")) {
            Files.createDirectories(folder.resolve(each));
        }
        Files.writeString(folder.resolve("prompts.txt"), "a photo of \"1\"\nthe cat \"2\"\n");
        Files.writeString(folder.resolve("tiny.yaml"), """
            checkpoint: %s
            device: cpu
            epochs: 1
            run: {folder: %s, name: tiny}
            tuning: {type: lora, rank: 2, alpha: 4.0, targets: [to_q]}
            prompts: prompts.txt
            rollout: {steps: 2, guidance: 1.0, prompts_per_epoch: 2, samples_per_prompt: 2, batch_size: 4, width: 16, height: 16}
            algorithm: ddpo
            optimiser: {learning_rate: 2.0e-3, micro_batch: 4, updates_per_epoch: 1}
            rewards: [jpeg-compressibility, {type: ocr, mode: line, weight: 0.5}]
            samples: {prompts: 1, seeds: [0]}
            """.formatted(Paths.tinyCheckpoint(), folder.resolve("runs")));
        separateNetwork = allowed();
        List<String> command = new ArrayList<>(separateNetwork ? NEW_NETWORK : List.of("sh", "-c"));
        command.add((separateNetwork ? LOOPBACK : "") + "exec \"$0\" \"$@\"");
        command.addAll(probe());
        output = run(command);
    }

    private static boolean allowed() throws Exception {
        try {
            List<String> command = new ArrayList<>(NEW_NETWORK);
            command.add(LOOPBACK);
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false; // there is no unshare
        }
    }

    private static List<String> probe() {
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:TieredStopAtLevel=1",
                "-Djava.awt.headless=true",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-Duser.home=" + folder.resolve("home"),
                "-Djava.io.tmpdir=" + folder.resolve("tmp"),
                "-cp",
                classes,
                Probe.class.getName(),
                folder.resolve("tiny.yaml").toString(),
                folder.resolve("runs/tiny").toString(),
                folder.resolve("results").toString());
    }

    private static String run(List<String> command) throws Exception {
        Path log = folder.resolve("log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        String djl = environment.getOrDefault("DJL_CACHE_DIR", System.getProperty("user.home") + "/.djl.ai");
        environment.keySet().removeIf(name -> name.startsWith("XDG_") || name.startsWith("IMAGERL_"));
        environment.remove("ORT_DISABLE_TELEMETRY");
        environment.put("DJL_CACHE_DIR", djl); // PyTorch is unpacked there already
        environment.put("HOME", folder.resolve("home").toString());
        environment.put("TMPDIR", folder.resolve("tmp").toString());
        Process process = builder.start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("it ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(log, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    private static String line(String name) {
        return output.lines()
                .filter(line -> line.startsWith(name + " "))
                .findFirst()
                .orElseThrow()
                .substring(name.length() + 1);
    }

    @Test
    void nothingIsLeftInTheHomeAndAmongTheTemporaryFilesButTheCache() throws IOException {
        try (Stream<Path> home = Files.walk(folder.resolve("home"));
                Stream<Path> temporary = Files.walk(folder.resolve("tmp"))) {
            assertThat(Stream.concat(home, temporary).filter(Files::isRegularFile))
                    .as(output)
                    .isNotEmpty()
                    .allMatch(path -> path.startsWith(folder.resolve("home/.cache/imagerl"))
                            || path.startsWith(folder.resolve("home/.java/fonts"))); // Java's own, of contact sheets
        }
    }

    @Test
    void noSocketIsOpenedButTheServersOnThisMachine() {
        assertThat(line("SERVED")).isEqualTo("200");
        List<String> sockets =
                List.of(line("SOCKETS").replaceAll("[\\[\\]]", "").split(", "));
        assertThat(sockets).isNotEmpty().allMatch(PrivacyTest::local);
    }

    /** Listening, or from and to 127.0.0.1, as the kernel writes it: bytes of IPv4 in the order of the processor. */
    private static boolean local(String socket) {
        return socket.equals("no network")
                || socket.matches("tcp6? 0+:0000")
                || socket.matches("tcp 0100007F:\\p{XDigit}{4}")
                || socket.matches("tcp6 0000000000000000FFFF00000100007F:\\p{XDigit}{4}");
    }

    @Test
    void nothingIsSentAndNoNameIsLookedUpByTrainingAndScoring() {
        assumeTrue(separateNetwork, "this system gives no network of its own to a process (unshare -rn, ip)");
        assertThat(line("COUNTERS"))
                .isEqualTo("Ip:OutRequests=0 Ip:OutNoRoutes=0 Tcp:ActiveOpens=0 Udp:OutDatagrams=0"
                        + " UdpLite:OutDatagrams=0");
    }
}
