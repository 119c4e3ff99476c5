package org.imagerl.cli.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.imagerl.cli.Run;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairsVerbTest {
    @TempDir
    private Path folder;

    private void png(String name, String reward) {
        PngWriter.write(
                folder.resolve(name), new RgbImage(1, 1, new byte[3]), Map.of("prompt", "a cat", "reward", reward));
    }

    @Test
    void pairsAreWrittenAndCountedAndNeverOverwritten() throws IOException {
        png("a.png", "0.2");
        png("b.png", "0.7");
        png("c.png", "0.6");
        String out = folder.resolve("pairs.csv").toString();
        Run run = Run.of("pairs", folder.toString(), "--pairs", "all", "--margin", "0.3", "--out", out);
        assertThat(run.out()).isEqualTo("2 pairs of 1 prompt, 0 of which have none; 3 images\nwritten: " + out + "\n");
        assertThat(Files.readString(folder.resolve("pairs.csv"))).contains("a cat,b.png,a.png,0.7,0.2");
        assertThat(Run.of("pairs", folder.toString(), "--out", out).code()).isEqualTo(ExitCode.INPUT);
    }

    @Test
    void whatGivesNoPairSaysWhatToDo() {
        png("a.png", "0.2");
        Run run = Run.of(
                "pairs",
                folder.toString(),
                "--margin",
                "0.4",
                "--out",
                folder.resolve("p.csv").toString());
        assertThat(run.code()).isEqualTo(ExitCode.INPUT);
        assertThat(run.err()).contains("has no pairs: of 1 prompt none has two images whose scores differ by 0.4");
        assertThat(folder.resolve("p.csv")).doesNotExist();
        assertThat(Run.of("pairs", folder.toString(), "--pairs", "best").err())
                .contains("--pairs must be best-worst or all, not best");
        assertThat(Run.of("pairs", folder.toString(), "--margin", "-1").err()).contains("--margin must be at least 0");
    }
}
