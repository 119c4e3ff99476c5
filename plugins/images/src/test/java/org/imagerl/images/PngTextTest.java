package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PngTextTest {
    private static final RgbImage IMAGE = TestImages.gradient(10, 6);

    @TempDir
    Path folder;

    @Test
    void readsBackWhatWasWritten() throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("prompt", "a sign that says \"472\"\nin two lines");
        texts.put("negative prompt", "größer 猫 \ud83d\ude00");
        texts.put("seed", "");
        Path file = folder.resolve("a.png");
        PngWriter.write(file, IMAGE, texts);
        assertThat(PngText.read(file)).containsExactlyInAnyOrderEntriesOf(texts);
        assertThat(ImageDecoder.decode(file).rgb()).isEqualTo(IMAGE.rgb());
    }

    @Test
    void writesTheSameFileWhateverTheOrderOfTheTexts() {
        Map<String, String> forwards = new LinkedHashMap<>();
        Map<String, String> backwards = new LinkedHashMap<>();
        List<String> keywords = List.of("prompt", "reward", "seed");
        for (int i = 0; i < keywords.size(); i++) {
            forwards.put(keywords.get(i), "text");
            backwards.put(keywords.get(keywords.size() - 1 - i), "text");
        }
        assertThat(PngWriter.encode(IMAGE, backwards)).isEqualTo(PngWriter.encode(IMAGE, forwards));
    }

    @Test
    void writesAGrayImageAsTrueColour() {
        byte[] png = PngWriter.encode(new RgbImage(2, 2, new byte[12]), Map.of());
        assertThat(png[25]).as("colour type").isEqualTo((byte) 2);
    }

    @Test
    void refusesToWriteAKeywordOutsideTheFormat() {
        assertThatThrownBy(() -> PngWriter.encode(IMAGE, Map.of("x".repeat(80), "")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PngWriter.encode(IMAGE, Map.of("", ""))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PngWriter.encode(IMAGE, Map.of("a", "b\0c")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsCompressedTextsAndKeepsTheFirstOfAKeyword() throws IOException {
        byte[] png = PngWriter.encode(IMAGE, Map.of("a", "second"));
        png = PngBytes.withChunk(png, "zTXt", compressed("a\0\0", "first é".getBytes(StandardCharsets.ISO_8859_1)));
        png = PngBytes.withChunk(png, "iTXt", compressed("b\0\1\0en\0bé\0", "猫".getBytes(StandardCharsets.UTF_8)));
        assertThat(PngText.read(png, "a.png")).isEqualTo(Map.of("a", "first é", "b", "猫"));
    }

    @Test
    void refusesATextThatInflatesWithoutEnd() throws IOException {
        byte[] bomb = compressed("a\0\0", new byte[PngText.MAX_TEXT_BYTES + 1]);
        byte[] png = PngBytes.withChunk(PngWriter.encode(IMAGE, Map.of()), "zTXt", bomb);
        assertThatThrownBy(() -> PngText.read(png, "bomb.png"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("bomb.png")
                .hasMessageContaining("inflates to more than");
        assertThat(ImageDecoder.decode(png, "bomb.png").rgb()).isEqualTo(IMAGE.rgb());
    }

    @Test
    void refusesDamagedChunks() throws IOException {
        byte[] png = PngWriter.encode(IMAGE, Map.of("prompt", "a cat"));
        int text = new String(png, StandardCharsets.ISO_8859_1).indexOf("a cat");
        byte[] flipped = png.clone();
        flipped[text] ^= 1;
        assertThatThrownBy(() -> PngText.read(flipped, "a.png"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("checksum");
        assertThatThrownBy(() -> PngText.read(Arrays.copyOf(png, text + 1), "a.png"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("does not fit the file");
        assertThatThrownBy(() -> PngText.read(PngBytes.withChunk(png, "tEXt", PngBytes.latin1("no nul")), "a.png"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("ends too early");
    }

    @Test
    void findsNoTextsInOtherFormats() throws IOException {
        Path file = Files.write(folder.resolve("a.jpg"), new byte[] {(byte) 0xff, (byte) 0xd8});
        assertThat(PngText.read(file)).isEmpty();
    }

    private static byte[] compressed(String fields, byte[] text) throws IOException {
        return PngBytes.concat(fields.getBytes(StandardCharsets.UTF_8), PngBytes.deflate(text));
    }
}
