package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What photographs ask for, done or said. */
final class ExifOrientationTest {
    /** a b c above d e f. */
    private static final RgbImage LETTERS = letters("abc", "def");

    @ParameterizedTest
    @CsvSource({
        "1, abc, def, ''",
        "2, cba, fed, ''",
        "3, fed, cba, ''",
        "4, def, abc, ''",
        "5, ad, be, cf",
        "6, da, eb, fc",
        "7, fc, eb, da",
        "8, cf, be, ad"
    })
    void turnsAndMirrors(int orientation, String first, String second, String third) {
        RgbImage turned = ExifOrientation.turned(LETTERS, orientation);
        RgbImage expected = third.isEmpty() ? letters(first, second) : letters(first, second, third);
        assertThat(turned.width()).isEqualTo(expected.width());
        assertThat(turned.rgb()).isEqualTo(expected.rgb());
    }

    @Test
    void isSaidWhereItIsNotApplied() throws IOException {
        byte[] png = PngBytes.withChunk(PngWriter.encode(LETTERS, Map.of()), "eXIf", exif(6));
        DecodedImage asStored = ImageDecoder.decode(png, "p.png", ExifOrientation.IGNORE);
        assertThat(asStored.unusedOrientation()).isEqualTo(6);
        assertThat(asStored.image().rgb()).isEqualTo(LETTERS.rgb());
        DecodedImage turned = ImageDecoder.decode(png, "p.png", ExifOrientation.APPLY);
        assertThat(turned.unusedOrientation()).isEqualTo(1);
        assertThat(turned.image().rgb()).isEqualTo(letters("da", "eb", "fc").rgb());
    }

    @Test
    void filesThatAskForItAreCounted(@TempDir Path folder) throws IOException {
        byte[] plain = PngWriter.encode(LETTERS, Map.of());
        Path asking = Files.write(folder.resolve("a.png"), PngBytes.withChunk(plain, "eXIf", exif(3)));
        Path not = Files.write(folder.resolve("b.png"), plain);
        Path none = folder.resolve("c.png");
        assertThat(ExifOrientation.IGNORE.notice(List.of(asking, not, none)))
                .isEqualTo("1 of 3 images with an EXIF orientation: used as stored (exif_orientation: apply turns"
                        + " such images)");
        assertThat(ExifOrientation.APPLY.notice(List.of(asking)))
                .isEqualTo("1 of 1 image with an EXIF orientation: turned by it");
        assertThat(ExifOrientation.IGNORE.notice(List.of(not, none))).isEmpty();
    }

    @Test
    void ofDamagedExifDataIsNone() throws IOException {
        List<byte[]> damaged = new ArrayList<>(List.of(new byte[0], new byte[] {'M'}, new byte[200]));
        for (int length = 1; length < exif(6).length; length++) {
            damaged.add(java.util.Arrays.copyOf(exif(6), length));
        }
        damaged.add(exif(9));
        damaged.add(ByteBuffer.wrap(exif(6)).putInt(4, -1).array());
        damaged.add(ByteBuffer.wrap(exif(6)).putInt(14, -1).array());
        for (byte[] exif : damaged) {
            byte[] png = PngBytes.withChunk(PngWriter.encode(LETTERS, Map.of()), "eXIf", exif);
            assertThat(ImageDecoder.decode(png, "p.png", ExifOrientation.APPLY)
                            .image()
                            .rgb()
                            .length)
                    .isEqualTo(18);
        }
    }

    /** A big-endian structure with the one tag. */
    private static byte[] exif(int orientation) {
        return ByteBuffer.allocate(26)
                .put(new byte[] {'M', 'M', 0, 42})
                .putInt(8)
                .putShort((short) 1)
                .putShort((short) TiffTags.ORIENTATION)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation)
                .array();
    }

    private static RgbImage letters(String... rows) {
        String all = String.join("", rows);
        byte[] rgb = new byte[all.length() * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (all.charAt(i / 3) + i % 3);
        }
        return new RgbImage(rows[0].length(), rows.length, rgb);
    }
}
