package org.imagerl.latent.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.images.ExifOrientation;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderImagesTest {
    @TempDir
    private Path folder;

    private final List<String> warnings = new ArrayList<>();

    @Test
    void captionsOfAnyMarkAreReadAndFilesOfSystemsLeftOut() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            png(name + ".png");
            Files.writeString(folder.resolve("._" + name + ".png"), "no image");
        }
        Files.writeString(folder.resolve("a.txt"), "\uFEFFa\r\n");
        Files.writeString(folder.resolve("b.caption"), "b");
        Files.write(folder.resolve("c.txt"), "\uFEFFc".getBytes(StandardCharsets.UTF_16BE));
        Files.writeString(folder.resolve("d.heic"), "");
        assertThat(captions()).containsExactly("a", "b", "c");
        assertThat(warnings).containsExactly(folder + ": 1 file is skipped: \"d.heic\" (.heic is not read)");
        Files.write(folder.resolve("a.txt"), new byte[] {(byte) 0xFC});
        assertThatThrownBy(this::captions)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a.txt:1: is not UTF-8");
        Files.delete(folder.resolve("a.txt"));
        assertThatThrownBy(this::captions).hasMessageContaining("a.png: has no caption; expected it in a.txt");
    }

    @Test
    void aListMayHaveFieldsThatNobodyNeedsAndIsRefusedByLine() throws IOException {
        png("a.png");
        Path list = folder.resolve("metadata.jsonl");
        Files.writeString(
                list, "\uFEFF{\"file_name\": \"a.png\", \"text\": \"x\", \"box\": [NaN], \"prompt\": null}\r\n\r\n");
        assertThat(captions()).containsExactly("x");
        Files.writeString(
                list, "{\"file_name\": \"a.png\", \"text\": \"x\"}\n{\"file_name\": \"../b.png\", \"text\": \"x\"}");
        assertThatThrownBy(this::captions).hasMessageContaining("metadata.jsonl:2: file_name leads out of the folder");
        Files.writeString(list, "{\"file_name\": \"a.png\"}");
        assertThatThrownBy(this::captions)
                .hasMessageContaining("metadata.jsonl:1: needs the strings file_name and text");
    }

    private List<String> captions() {
        FolderImages images = new FolderImages(folder, 2, 2, ExifOrientation.IGNORE, warnings::add);
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            captions.add(images.get(i).caption());
        }
        return captions;
    }

    private void png(String name) {
        PngWriter.write(folder.resolve(name), new RgbImage(2, 2, new byte[12]), Map.of());
    }
}
