package org.imagerl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands in a JVM whose class path is that of the distribution for scoring, as Maven resolves it, and the test libraries. */
class ScoringDistributionTest {
    @TempDir
    private Path folder;

    private record Run(int code, String out, String err) {}

    private static Run run(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(words, new PrintWriter(out), new PrintWriter(err));
        return new Run(code, out.toString(), err.toString());
    }

    private static boolean isThere(String resource) {
        return ScoringDistributionTest.class.getClassLoader().getResource(resource) != null;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ai/djl/pytorch/engine/PtEngine.class",
                "ai/djl/pytorch/jni/JniUtils.class",
                "native/lib/pytorch.properties",
                "org/imagerl/toolkit/tensor/Kernels.class",
                "org/imagerl/training/loop/Training.class",
                "org/imagerl/diffusion/DiffusionPlugin.class"
            })
    void whatTrainingNeedsIsNotThere(String resource) {
        assertThat(isThere(resource)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ai/onnxruntime/OrtEnvironment.class",
                "native/lib/tokenizers.properties",
                "org/imagerl/scoring/ScoringRun.class",
                "org/imagerl/rewards/RewardsPlugin.class",
                "org/imagerl/cli/train/TrainVerb.class"
            })
    void whatScoringNeedsIsThere(String resource) {
        assertThat(isThere(resource)).isTrue();
    }

    @Test
    void imagesAreScored() throws IOException {
        BufferedImage image = new BufferedImage(48, 32, BufferedImage.TYPE_INT_RGB);
        image.setRGB(7, 9, 0xff8000);
        ImageIO.write(image, "png", folder.resolve("a.png").toFile());
        Path table = folder.resolve("scores.csv");
        Run run = run(
                "score",
                folder.toString(),
                "--reward",
                "jpeg-compressibility",
                "--reward",
                "ocr",
                "--prompt",
                "a sign that says \"472\"",
                "--out",
                table.toString());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(Files.readString(table)).contains("jpeg-compressibility", "ocr", "a.png");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"train run.yaml", "sample --help", "ctrl classifier x.yaml", "export RUN", "config check x"})
    void aVerbOfTrainingNamesTheFullDistribution(String words) {
        Run run = run(words.split(" "));
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err())
                .startsWith("imagerl: imagerl " + words.split(" ")[0] + " is not in this distribution")
                .contains("full distribution");
    }

    @Test
    void theHelpListsWhatThereIs() {
        Run run = run("--help");
        assertThat(run.code()).isZero();
        assertThat(run.out()
                        .lines()
                        .filter(line -> line.matches("  [a-z-]+ +[A-Z].*\\."))
                        .map(line -> line.strip().split(" ")[0]))
                .containsExactly(
                        "score",
                        "compare",
                        "pairs",
                        "reward",
                        "serve-rewards",
                        "plugins",
                        "doctor",
                        "debug-bundle",
                        "version",
                        "completion");
    }

    @Test
    void doctorFindsNothingMissing() {
        Run run = run("doctor");
        assertThat(run.out())
                .containsPattern("ok +engine +none; this is the distribution for scoring")
                .containsPattern("ok +tokenizers ")
                .containsPattern("ok +reward +ocr loads")
                .doesNotContain("BROKEN");
        assertThat(run.code()).isZero();
    }
}
