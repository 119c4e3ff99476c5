package org.imagerl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreVerbTest {
    @TempDir
    private Path folder;

    private Path pictures;
    private Path out;

    @BeforeEach
    void makePictures() throws IOException {
        pictures = Files.createDirectory(folder.resolve("pictures"));
        out = folder.resolve("scores.csv");
        for (int i = 0; i < 3; i++) {
            byte[] rgb = new byte[16 * 16 * 3];
            rgb[i] = -1;
            PngWriter.write(pictures.resolve(i + ".png"), new RgbImage(16, 16, rgb), Map.of("prompt", "black " + i));
        }
    }

    private Run score(String... more) {
        String[] args = new String[more.length + 4];
        System.arraycopy(new String[] {"score", pictures.toString(), "--out", out.toString()}, 0, args, 0, 4);
        System.arraycopy(more, 0, args, 4, more.length);
        return Run.of(args);
    }

    @Test
    void aFolderIsScoredToATableAndASummary() throws IOException {
        Run run = score("--reward", "jpeg-compressibility", "--reward", "{type: jpeg-incompressibility, name: big}");
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(Files.readAllLines(out)).hasSize(4);
        assertThat(Files.readAllLines(out).get(0))
                .contains("jpeg-compressibility")
                .contains("big");
        assertThat(Files.readString(out)).contains("black 2");
        assertThat(run.out()).contains("reward").contains("big");
        assertThat(folder.resolve("scores.summary.json")).content().contains("\"pictures\" : 3");
    }

    @Test
    void anUnreadablePictureIsARowAndExitCode2() throws IOException {
        Files.writeString(pictures.resolve("broken.png"), "no picture");
        Run run = score("--reward", "jpeg-compressibility");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("1 of 4 pictures have no score");
        assertThat(Files.readAllLines(out)).hasSize(5);
    }

    @Test
    void resultsAreNeverOverwritten() throws IOException {
        Files.writeString(out, "precious");
        Run run = score("--reward", "jpeg-compressibility");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("exists already");
        assertThat(out).hasContent("precious");
    }

    @Test
    void anUnknownRewardIsAnsweredWithTheNearest() {
        Run run = score("--reward", "jpg-compressibility");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("did you mean jpeg-compressibility?");
        assertThat(out).doesNotExist();
    }

    @Test
    void aPromptWithoutQuotesIsNotScoredByOcr() throws IOException {
        Run run = score("--reward", "ocr", "--prompt", "a sign");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("3 of 3 pictures have no score");
        assertThat(Files.readString(out)).contains("quote");
    }
}
