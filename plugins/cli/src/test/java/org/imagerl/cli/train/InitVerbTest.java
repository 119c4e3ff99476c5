package org.imagerl.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.cli.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitVerbTest {
    private static final Path SAMPLES =
            Path.of("../../samples").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"words, ocr, ddpo", "words-flow, '{type: jpeg-compressibility, weight: 2.0}', flow-grpo"})
    void whatItWritesPassesTheCheck(String checkpoint, String reward, String algorithm) throws IOException {
        Path file = folder.resolve("first-run.yaml");
        Run made = Run.of(
                "init",
                file.toString(),
                "--checkpoint",
                SAMPLES.resolve(checkpoint).toString(),
                "--reward",
                reward,
                "--prompts",
                folder.resolve("p.txt").toString());
        assertThat(made.code()).as(made.err()).isZero();
        Run checked = Run.of("config", "check", file.toString());
        assertThat(checked.code()).as(checked.err()).isZero();
        assertThat(checked.out()).contains("a size that is found when the run begins");
        assertThat(Files.readString(file)).contains("\nalgorithm: " + algorithm, "\nprompts: p.txt ", "device: cpu");
        assertThat(Files.readAllLines(folder.resolve("p.txt")))
                .hasSize(24)
                .first()
                .isEqualTo("a neon sign that says \"OPEN\"");
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), "mine\n");
        Files.writeString(folder.resolve("p.txt"), "a \"b\"\n");
        Run made = Run.of(
                "init",
                file.toString(),
                "--checkpoint",
                SAMPLES.resolve("words").toString(),
                "--reward",
                "ocr");
        assertThat(made.err()).contains("is not overwritten");
        assertThat(Files.readString(file)).isEqualTo("mine\n");
        Run other = Run.of(
                "init",
                folder.resolve("b.yaml").toString(),
                "--checkpoint",
                SAMPLES.resolve("words").toString(),
                "--reward",
                "ocr",
                "--prompts",
                folder.resolve("p.txt").toString(),
                "--gpu");
        assertThat(other.code()).as(other.err()).isZero();
        assertThat(Files.readString(folder.resolve("p.txt"))).isEqualTo("a \"b\"\n");
        assertThat(Files.readString(folder.resolve("b.yaml"))).contains("device: cuda:0\n", "dtype: bfloat16");
    }

    @Test
    void whereNobodyCanBeAskedOptionsAreNeededAndNothingIsWritten() {
        Run made = Run.of("init", folder.resolve("run.yaml").toString());
        assertThat(made.code()).isEqualTo(2);
        assertThat(made.err()).contains("--checkpoint is missing");
        assertThat(Run.of("init", folder.resolve("run.txt").toString()).err())
                .contains("run.txt: a configuration ends in .yaml or .yml");
        Run wrong = Run.of(
                "init",
                folder.resolve("run.yaml").toString(),
                "--checkpoint",
                SAMPLES.resolve("words").toString(),
                "--reward",
                "ocrr");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("did you mean ocr?");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void onATerminalItAsks() throws IOException {
        Path file = folder.resolve("run.yaml");
        String answers = SAMPLES.resolve("words") + "\n" + folder.resolve("own.txt") + "\njpeg-compressibility\ny\n";
        InputStream before = System.in;
        System.setProperty("imagerl.terminal", "true");
        System.setIn(new ByteArrayInputStream(answers.getBytes(StandardCharsets.UTF_8)));
        try {
            Run made = Run.of("init", file.toString());
            assertThat(made.code()).as(made.err()).isZero();
            assertThat(made.err()).contains("Checkpoint, a folder", "Prompts, a file", "Reward: ocr", "GPU? [y/N]");
        } finally {
            System.setIn(before);
            System.clearProperty("imagerl.terminal");
        }
        assertThat(Files.readString(file))
                .contains("\nprompts: own.txt ", "  - {type: jpeg-compressibility}\n", "device: cuda:0\n");
    }
}
