package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import javax.imageio.ImageIO;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;

/** Other readers see the pixels and the texts that were written. */
class PngWriterTest {
    @Test
    void javasOwnReaderSeesThePixels() throws IOException {
        for (RgbImage image :
                new RgbImage[] {TestImages.noise(7, 5, 1), TestImages.noise(1, 1, 2), TestImages.noise(300, 200, 3)}) {
            BufferedImage read =
                    ImageIO.read(new ByteArrayInputStream(PngWriter.encode(image, Map.of("a", "b", "c", "\u00e9"))));
            assertThat(read.getColorModel().getPixelSize()).isEqualTo(24);
            for (int i = 0; i < image.width() * image.height(); i++) {
                Color pixel = new Color(read.getRGB(i % image.width(), i / image.width()));
                assertThat(new byte[] {(byte) pixel.getRed(), (byte) pixel.getGreen(), (byte) pixel.getBlue()})
                        .containsExactly(image.rgb()[3 * i], image.rgb()[3 * i + 1], image.rgb()[3 * i + 2]);
            }
        }
    }

    @Test
    void whatWasDrawnKeepsItsColours() {
        BufferedImage drawn = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        drawn.setRGB(0, 0, 0x010203);
        drawn.setRGB(1, 0, 0xfffefd);
        assertThat(PngWriter.drawn(drawn).rgb()).containsExactly(1, 2, 3, 0xff, 0xfe, 0xfd);
    }
}
