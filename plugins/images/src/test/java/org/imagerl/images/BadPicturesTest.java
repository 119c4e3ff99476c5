package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.TestPictures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no pictures, or not ones that we read, end in one message that names file and reason. */
final class BadPicturesTest {
    @TempDir
    Path folder;

    @Test
    void namesAFileThatIsMissing() {
        assertThatThrownBy(() -> ImageDecoder.decode(folder.resolve("no.png")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no.png does not exist");
        assertThatThrownBy(() -> ImageDecoder.size(folder.resolve("no.png")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no.png does not exist");
    }

    @Test
    void aSizeIsReadOfAHeaderAlone() throws IOException {
        for (String format : new String[] {"png", "jpeg", "bmp", "gif"}) {
            byte[] whole = encoded(TestPictures.noise(64, 48, 1), format);
            Path file = Files.write(folder.resolve("cut." + format), Arrays.copyOf(whole, whole.length * 9 / 10));
            assertThat(ImageDecoder.size(file)).as(format).isEqualTo(new ImageDecoder.Size(64, 48));
        }
        Path text = Files.writeString(folder.resolve("text.png"), "hello, this is a text");
        assertThatThrownBy(() -> ImageDecoder.size(text))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("text.png is not a picture in a known format");
        Path cut = Files.write(
                folder.resolve("cut.png"), Arrays.copyOf(encoded(TestPictures.noise(64, 48, 1), "png"), 20));
        assertThatThrownBy(() -> ImageDecoder.size(cut))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("cut.png cannot be read as a PNG picture");
    }

    @Test
    void refusesAFolder() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner.png"));
        assertThatThrownBy(() -> ImageDecoder.decode(inner))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("inner.png cannot be read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "P", "hello, this is a text", "\0\0\0\0\0\0\0\0"})
    void refusesWhatIsNoPicture(String content) {
        assertRefused(PngBytes.latin1(content)).hasMessageContaining("not a picture in a known format");
    }

    @Test
    void namesTheRemedyForWebp() {
        assumeTrue(!ImageIO.getImageReadersByFormatName("webp").hasNext(), "a WebP plugin is on the class path");
        assertRefused(PngBytes.latin1("RIFF$\0\0\0WEBPVP8 \u0018\0\0\0abcdefghijklmnopqrstuvwx"))
                .hasMessageContaining("WebP")
                .hasMessageContaining("imageio-webp")
                .hasMessageContaining("convert it to PNG");
    }

    @Test
    void refusesCmykJpeg() throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            BufferedImage fourChannels = new BufferedImage(16, 16, BufferedImage.TYPE_4BYTE_ABGR);
            writer.write(new IIOImage(fourChannels.getRaster(), null, null));
        }
        assertRefused(bytes.toByteArray()).hasMessageContaining("CMYK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp", "tiff", "gif"})
    void refusesTruncatedFiles(String format) throws IOException {
        byte[] whole = encoded(TestPictures.noise(64, 48, 1), format);
        for (int percent : new int[] {20, 50, 95}) {
            assertRefused(Arrays.copyOf(whole, whole.length * percent / 100));
        }
    }

    @Test
    void refusesAHugeSizeInTheHeaderBeforeDecoding() throws IOException {
        byte[] png = PngWriter.encode(TestPictures.gradient(8, 8), Map.of());
        assertRefused(PngBytes.withSize(png, 20_000, 1)).hasMessageContaining("20000 x 1 pixels");
        assertRefused(PngBytes.withSize(png, 16_384, 16_384)).hasMessageContaining("16384 x 16384 pixels");
        assertRefused(PngBytes.withSize(png, Integer.MAX_VALUE, Integer.MAX_VALUE));
    }

    @Test
    void refusesAGifWhoseFirstFrameIsNotThePicture() throws IOException {
        byte[] gif = encoded(TestPictures.gradient(8, 8), "gif");
        gif[6] = 9; // the width of the whole
        assertRefused(gif).hasMessageContaining("first frame");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp", "tiff", "gif"})
    void neverFailsButWithAUserException(String format) throws IOException {
        byte[] whole = encoded(TestPictures.gradient(24, 16), format);
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            byte[] damaged = whole.clone();
            for (int n = 0; n <= i % 4; n++) {
                damaged[random.nextInt(Math.min(whole.length, 200))] = (byte) random.nextInt();
            }
            try {
                ImageDecoder.decode(damaged, "damaged");
            } catch (UserException e) {
                assertThat(e).hasMessageStartingWith("damaged ");
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    private static byte[] encoded(RgbImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(BufferedImages.fromRgb(image), format, out);
        return out.toByteArray();
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(byte[] bytes) {
        return assertThatThrownBy(() -> ImageDecoder.decode(bytes, "bad.file"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("bad.file ");
    }
}
