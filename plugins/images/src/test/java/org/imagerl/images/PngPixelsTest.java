package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of random bytes with each filter in turn, read as the JDK reads them. */
class PngPixelsTest {
    private static final int WIDTH = 7;
    private static final int HEIGHT = 11;

    /** @param cut bytes of the pixels that are missing */
    private static byte[] png(int colour, int channels, int filters, int cut) throws IOException {
        byte[] rows = new byte[HEIGHT * (1 + WIDTH * channels)];
        new Random(colour).nextBytes(rows);
        for (int y = 0; y < HEIGHT; y++) {
            rows[y * (1 + WIDTH * channels)] = (byte) ((y + 4) % filters); // the first row with Paeth too
        }
        byte[] header = ByteBuffer.allocate(13)
                .putInt(WIDTH)
                .putInt(HEIGHT)
                .put(new byte[] {8, (byte) colour, 0, 0, 0})
                .array();
        byte[] data = PngBytes.deflate(Arrays.copyOf(rows, rows.length - cut));
        byte[] half = Arrays.copyOf(data, data.length / 2);
        byte[] signature = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
        return PngBytes.concat(
                signature,
                PngBytes.chunk("IHDR", header),
                PngBytes.chunk("IDAT", half),
                PngBytes.chunk("IDAT", new byte[0]),
                PngBytes.chunk("IDAT", Arrays.copyOfRange(data, half.length, data.length)),
                PngBytes.chunk("IEND", new byte[0]));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "2, 3", "4, 2", "6, 4"})
    void everyFilterIsUndoneAsTheJdkDoes(int colour, int channels) throws IOException {
        byte[] png = png(colour, channels, 5, 0);
        byte[] expected = BufferedImages.toRgb(ImageIO.read(new ByteArrayInputStream(png)))
                .rgb();
        assertThat(ImageDecoder.decode(png, "x").rgb()).isEqualTo(expected);
    }

    @Test
    void damagedRowsAreRefused() {
        assertThatThrownBy(() -> ImageDecoder.decode(png(2, 3, 7, 0), "x")).hasMessageContaining("unknown filter");
        assertThatThrownBy(() -> ImageDecoder.decode(png(2, 3, 5, 1), "x"))
                .hasMessageContaining("its pixels have 241 of 242 bytes");
    }
}
