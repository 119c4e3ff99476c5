package org.imagerl.cli.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.cli.Run;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardDistilVerbTest {
    private static final String CHECKPOINT = Path.of(
                    System.getProperty("project.root"), "src/test/resources/golden/pipelines/sd-small")
            .toString();

    @TempDir
    private Path folder;

    private String images(int count, int side) {
        Path images = folder.resolve("images");
        for (int i = 0; i < count; i++) {
            byte[] rgb = new byte[side * side * 3];
            Arrays.fill(rgb, (byte) (i * 5));
            Map<String, String> texts = Map.of("prompt", "cat " + i, "reward", Double.toString(i % 7));
            PngWriter.write(images.resolve("i" + i + ".png"), new RgbImage(side, side, rgb), texts);
        }
        return images.toString();
    }

    private Run distil(String... arguments) {
        List<String> usual =
                List.of("reward", "distil", "--checkpoint", CHECKPOINT, "--epochs", "1", "--device", "cpu");
        return Run.of(Stream.concat(usual.stream(), Stream.of(arguments)).toArray(String[]::new));
    }

    @Test
    void itWritesAFolderThatInspectDescribes() {
        String out = folder.resolve("reward").toString();
        Run run = distil(images(40, 16), "--held-out", "0.5", "--out", out);
        assertThat(run.err()).doesNotContain("imagerl: reward");
        assertThat(run.code()).isEqualTo(ExitCode.OK);
        assertThat(run.out())
                .contains("pearson", "equal order", "written: " + out)
                .doesNotContain("within prompts");
        assertThat(Run.of("reward", "inspect", "{type: latent, folder: " + out + "}")
                        .out())
                .contains("held-out pearson", "checkpoint", "sd-small", "latent-reward.json");
        assertThat(distil(images(40, 16), "--out", out).err()).contains("is not overwritten");
    }

    @Test
    void itSaysWhatCannotBeLearnedFrom() {
        String few = images(9, 16);
        assertThat(distil(few, "--out", folder.resolve("a").toString()).err())
                .contains("at least 8 with 2 are needed", "--held-out");
        assertThat(distil(few, "--held-out", "1").err()).contains("--held-out must be between 0 and 1");
        assertThat(distil(few, "--features", "6").err()).contains("features must be a multiple of 4");
        assertThat(distil(folder.toString()).err()).contains("has no image with a score and a prompt");
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @Test
    void imagesOfTwoSizesAreRefused() {
        images(40, 16);
        images(3, 32);
        assertThat(distil(
                                folder.resolve("images").toString(),
                                "--held-out",
                                "0.5",
                                "--out",
                                folder.resolve("b").toString())
                        .err())
                .contains("a reward of latents is of images of one size");
    }
}
