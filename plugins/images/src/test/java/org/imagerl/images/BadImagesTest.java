package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no images, or not ones that we read, end in one message that names file and reason. */
final class BadImagesTest {
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
    void aJpegHeaderMayCountMoreComponentsThanItHas() throws IOException {
        for (int count : new int[] {0, 1, 2, 127, 128, 202, 255}) {
            byte[] jpeg = {(byte) 0xff, (byte) 0xd8, (byte) 0xff, (byte) 0xc0, 0, 8, 8, 0, 1, 0, 1, (byte) count};
            Path file = Files.write(folder.resolve(count + ".jpg"), jpeg);
            assertThat(ImageTexts.read(file)).isEmpty();
            assertThat(EmbeddedPrompt.read(file)).isEqualTo(EmbeddedPrompt.NONE);
            assertThatThrownBy(() -> ImageDecoder.decode(file))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining(file.getFileName().toString());
        }
    }

    @Test
    void aSizeIsReadOfAHeaderAlone() throws IOException {
        for (String format : new String[] {"png", "jpeg", "bmp", "gif"}) {
            byte[] whole = encoded(TestImages.noise(64, 48, 1), format);
            Path file = Files.write(folder.resolve("cut." + format), Arrays.copyOf(whole, whole.length * 9 / 10));
            assertThat(ImageDecoder.size(file)).as(format).isEqualTo(new ImageDecoder.Size(64, 48));
        }
        Path text = Files.writeString(folder.resolve("text.png"), "hello, this is a text");
        assertThatThrownBy(() -> ImageDecoder.size(text))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("text.png is not an image in a known format");
        Path cut =
                Files.write(folder.resolve("cut.png"), Arrays.copyOf(encoded(TestImages.noise(64, 48, 1), "png"), 20));
        assertThatThrownBy(() -> ImageDecoder.size(cut))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("cut.png cannot be read as a PNG image");
    }

    @Test
    void aSizeIsReadWhateverStandsBeforeThePixels() throws IOException {
        byte[] png = PngBytes.withChunk(
                encoded(TestImages.noise(64, 48, 1), "png"), "tEXt", new byte[ImageDecoder.START_BYTES * 2]);
        byte[] gif = encoded(TestImages.noise(64, 48, 1), "gif");
        int end = 13 + 3 * (2 << (gif[10] & 7));
        ByteArrayOutputStream comments = new ByteArrayOutputStream();
        comments.write(gif, 0, end);
        comments.write(new byte[] {0x21, (byte) 0xfe});
        for (int i = 0; i < ImageDecoder.START_BYTES / 100; i++) {
            comments.write(new byte[] {(byte) 200});
            comments.write(new byte[200]);
        }
        comments.write(0);
        comments.write(gif, end, gif.length - end);
        for (byte[] bytes : new byte[][] {png, comments.toByteArray()}) {
            Path file = Files.write(folder.resolve("long"), bytes);
            assertThat(ImageDecoder.size(file)).isEqualTo(new ImageDecoder.Size(64, 48));
            assertThat(ImageDecoder.decode(file).width()).isEqualTo(64);
        }
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
    void refusesWhatIsNoImage(String content) {
        assertRefused(PngBytes.latin1(content)).hasMessageContaining("not an image in a known format");
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
    void refusesAJpegWithoutItsEnd() throws IOException {
        byte[] whole = encoded(TestImages.noise(64, 48, 1), "jpeg");
        assertRefused(Arrays.copyOf(whole, whole.length - 2)).hasMessageContaining("truncated");
        byte[] ended = Arrays.copyOf(whole, whole.length / 2);
        ended[ended.length - 2] = (byte) 0xff;
        ended[ended.length - 1] = (byte) 0xd9;
        assertRefused(ended).hasMessageContaining("truncated or damaged");
        byte[] more = Arrays.copyOf(whole, whole.length + 1000);
        assertThat(ImageDecoder.decode(more, "more").rgb())
                .isEqualTo(ImageDecoder.decode(whole, "whole").rgb());
    }

    @Test
    void refusesAJpegOfThousandsOfScansBeforeDecodingOne() throws IOException {
        byte[] whole = encoded(TestImages.noise(8, 8, 1), "jpeg");
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(whole, 0, whole.length - 2);
        for (int i = 0; i < JpegFile.MAX_SCANS; i++) {
            many.write(PngBytes.latin1("\u00ff\u00da\0\b\1\1\0\1?\0\u00aa"));
        }
        many.write(whole, whole.length - 2, 2);
        assertRefused(many.toByteArray()).hasMessageContaining("more than 100 scans");
    }

    @Test
    void refusesAPngWhosePixelsOrHeaderAreDamaged() throws IOException {
        byte[] png = PngWriter.encode(TestImages.noise(64, 48, 1), Map.of());
        byte[] header = png.clone();
        header[24] ^= 1; // the depth, but not its checksum
        assertRefused(header).hasMessageContaining("the checksum of its chunk IHDR is wrong");
        byte[] pixels = png.clone();
        pixels[png.length / 2] ^= 0x10;
        assertRefused(pixels);
        byte[] ended = Arrays.copyOf(png, png.length - 12); // all pixels are there, as Pillow says
        assertThat(ImageDecoder.decode(ended, "ended").rgb())
                .isEqualTo(ImageDecoder.decode(png, "whole").rgb());
    }

    @Test
    void doesNotInflateTheTextsOfAPng() throws IOException {
        byte[] bomb = PngBytes.concat(PngBytes.latin1("t\0\0"), PngBytes.deflate(new byte[1 << 20]));
        byte[] png = encodedPalette();
        byte[] withText = PngBytes.withChunk(png, "zTXt", bomb);
        byte[] damagedText = PngBytes.withChunk(png, "zTXt", PngBytes.latin1("t\0\0no deflate stream"));
        byte[] expected = ImageDecoder.decode(png, "plain").rgb();
        assertThat(ImageDecoder.decode(withText, "text").rgb()).isEqualTo(expected);
        assertThat(ImageDecoder.decode(damagedText, "text").rgb()).isEqualTo(expected);
    }

    private static byte[] encodedPalette() throws IOException {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_INDEXED);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    @Test
    void refusesAGifWhosePixelsEndEarlyThoughItsBlocksAreWhole() throws IOException {
        byte[] gif = encoded(TestImages.noise(64, 48, 1), "gif");
        byte[] cut = Arrays.copyOf(gif, gif.length / 2);
        int blocks = cut.length;
        assertRefused(PngBytes.concat(Arrays.copyOf(cut, blocks), new byte[] {0, 0x3b}));
        assertThat(ImageDecoder.decode(Arrays.copyOf(gif, gif.length - 2), "no end")
                        .rgb())
                .isEqualTo(ImageDecoder.decode(gif, "whole").rgb());
    }

    @ParameterizedTest
    @ValueSource(strings = {"LZW", "PackBits"})
    void refusesATiffWhoseCompressedPixelsAreDamaged(String compression) throws IOException {
        byte[] tiff = tiff(TestImages.noise(64, 48, 1), compression);
        assertThat(ImageDecoder.decode(tiff, "whole").rgb())
                .isEqualTo(TestImages.noise(64, 48, 1).rgb());
        byte[] middle = tiff.clone();
        Arrays.fill(middle, tiff.length / 2, tiff.length * 3 / 4, (byte) 0);
        assertRefused(middle).hasMessageContaining("truncated or damaged");
    }

    private static byte[] tiff(RgbImage image, String compression) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
        try (ImageOutputStream target = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(target);
            ImageWriteParam how = writer.getDefaultWriteParam();
            how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            how.setCompressionType(compression);
            writer.write(null, new IIOImage(BufferedImages.fromRgb(image), null, null), how);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    @Test
    void saysThatOnlyTheFirstFrameWasRead() throws IOException {
        byte[] gif = encoded(TestImages.noise(8, 8, 1), "gif");
        int image = 13 + 3 * (2 << (gif[10] & 7));
        while (gif[image] == 0x21) {
            image += 2;
            for (; gif[image] != 0; image += 1 + (gif[image] & 0xff)) {}
            image++;
        }
        byte[] second = Arrays.copyOfRange(gif, image, gif.length);
        byte[] two = PngBytes.concat(Arrays.copyOf(gif, gif.length - 1), second);
        assertThat(ImageDecoder.decode(gif, "one", ExifOrientation.IGNORE).moreFrames())
                .isFalse();
        assertThat(ImageDecoder.decode(two, "two", ExifOrientation.IGNORE).moreFrames())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp", "tiff", "gif"})
    void refusesTruncatedFiles(String format) throws IOException {
        byte[] whole = encoded(TestImages.noise(64, 48, 1), format);
        for (int percent : new int[] {20, 50, 95}) {
            assertRefused(Arrays.copyOf(whole, whole.length * percent / 100));
        }
    }

    @Test
    void refusesAHugeSizeInTheHeaderBeforeDecoding() throws IOException {
        byte[] png = PngWriter.encode(TestImages.gradient(8, 8), Map.of());
        assertRefused(PngBytes.withSize(png, 20_000, 1)).hasMessageContaining("20000 x 1 pixels");
        assertRefused(PngBytes.withSize(png, 16_384, 16_384)).hasMessageContaining("16384 x 16384 pixels");
        assertRefused(PngBytes.withSize(png, Integer.MAX_VALUE, Integer.MAX_VALUE));
    }

    @Test
    void refusesAGifWhoseFirstFrameIsNotTheImage() throws IOException {
        byte[] gif = encoded(TestImages.gradient(8, 8), "gif");
        gif[6] = 9; // the width of the whole
        assertRefused(gif).hasMessageContaining("first frame");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp", "tiff", "gif"})
    void neverFailsButWithAUserException(String format) throws IOException {
        byte[] whole = encoded(TestImages.gradient(24, 16), format);
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            byte[] damaged = whole.clone();
            for (int n = 0; n <= i % 4; n++) {
                damaged[random.nextInt(Math.min(whole.length, 200))] = (byte) random.nextInt();
            }
            refused += refused(damaged) + refused(Arrays.copyOf(whole, whole.length * i / 400));
        }
        assertThat(refused).isPositive();
    }

    /** Decoders fall over damaged files with exceptions of Java itself, whose messages say nothing of the file. */
    private static int refused(byte[] bytes) {
        int refused = 0;
        for (ThrowingCallable reading : List.<ThrowingCallable>of(
                () -> ImageDecoder.decode(bytes, "damaged"), () -> PngText.read(bytes, "damaged"))) {
            Throwable failure = catchThrowable(reading);
            if (failure != null) {
                assertThat(failure)
                        .isInstanceOf(UserException.class)
                        .hasMessageStartingWith("damaged ")
                        .message()
                        .doesNotContainPattern("null|Exception|because \"|[Ii]ndex -?[0-9]+ out|java\\.");
                refused++;
            }
        }
        return refused;
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
