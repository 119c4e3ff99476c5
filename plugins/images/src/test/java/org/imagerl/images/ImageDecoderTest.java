package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every trap that one of the two libraries falls into. */
final class ImageDecoderTest {
    private static final RgbImage IMAGE = TestImages.gradient(40, 24);

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "tiff"})
    void readsLosslessColourExactly(String format) throws IOException {
        assertSame(decode(encoded(BufferedImages.fromRgb(IMAGE), format)), IMAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "tiff", "gif"})
    void readsGrayAsStoredOnThreeChannels(String format) throws IOException {
        BufferedImage gray = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
        fillBand(gray.getRaster(), 0, 1);
        assertSame(decode(encoded(gray, format)), grayRamp());
    }

    @Test
    void dropsAlphaWithoutCompositing() throws IOException {
        BufferedImage rgba = new BufferedImage(16, 16, BufferedImage.TYPE_4BYTE_ABGR);
        for (int c = 0; c < 3; c++) {
            fillBand(rgba.getRaster(), c, 1); // alpha stays 0
        }
        assertSame(decode(encoded(rgba, "png")), grayRamp());
    }

    @Test
    void dropsTheAlphaOfGray() throws IOException {
        ComponentColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_GRAY),
                true,
                false,
                Transparency.TRANSLUCENT,
                DataBuffer.TYPE_BYTE);
        WritableRaster raster = model.createCompatibleWritableRaster(16, 16);
        fillBand(raster, 0, 1);
        assertSame(decode(encoded(new BufferedImage(model, raster, false, null), "png")), grayRamp());
    }

    @Test
    void readsPalettesAndSingleBits() throws IOException {
        byte[] red = {10, 0};
        byte[] green = {20, (byte) 255};
        byte[] blue = {30, 7};
        BufferedImage image =
                new BufferedImage(9, 2, BufferedImage.TYPE_BYTE_BINARY, new IndexColorModel(1, 2, red, green, blue));
        image.getRaster().setSample(8, 1, 0, 1);
        RgbImage read = decode(encoded(image, "png"));
        assertThat(new int[] {read.at(0, 0, 0), read.at(0, 0, 1), read.at(0, 0, 2)})
                .containsExactly(10, 20, 30);
        assertThat(new int[] {read.at(8, 1, 0), read.at(8, 1, 1), read.at(8, 1, 2)})
                .containsExactly(0, 255, 7);
    }

    @Test
    void keepsTheHighByteOfSixteenBitGray() throws IOException {
        BufferedImage gray = new BufferedImage(16, 16, BufferedImage.TYPE_USHORT_GRAY);
        fillBand(gray.getRaster(), 0, 257);
        assertSame(decode(encoded(gray, "png")), grayRamp());
        gray.getRaster().setSample(0, 0, 0, 0x12ff);
        assertThat(decode(encoded(gray, "png")).at(0, 0, 0)).isEqualTo(0x12);
    }

    @Test
    void keepsTheHighByteOfSixteenBitColour() throws IOException {
        ComponentColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, Transparency.OPAQUE, DataBuffer.TYPE_USHORT);
        WritableRaster raster = model.createCompatibleWritableRaster(2, 1);
        raster.setPixel(1, 0, new int[] {0x1234, 0xabff, 0xff00});
        RgbImage read = decode(encoded(new BufferedImage(model, raster, false, null), "png"));
        assertThat(new int[] {read.at(1, 0, 0), read.at(1, 0, 1), read.at(1, 0, 2)})
                .containsExactly(0x12, 0xab, 0xff);
    }

    @Test
    void spreadsTheFiveBitsOfOldBitmapsOverTheByte() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_555_RGB);
        image.getRaster().setPixel(0, 0, new int[] {31, 16, 1});
        RgbImage read = decode(encoded(image, "bmp"));
        assertThat(new int[] {read.at(0, 0, 0), read.at(0, 0, 1), read.at(0, 0, 2)})
                .containsExactly(255, 131, 8);
    }

    @Test
    void ignoresTheGammaOfPng() throws IOException {
        byte[] gamma = {0, 0, (byte) 0xb1, (byte) 0x8f}; // 0.45455, in most files of some programs
        assertSame(decode(PngBytes.withChunk(png(), "gAMA", gamma)), IMAGE);
    }

    @Test
    void ignoresTheColourProfileOfPng() throws IOException {
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        byte[] chunk = PngBytes.concat(PngBytes.latin1("linear\0\0"), PngBytes.deflate(profile));
        assertSame(decode(PngBytes.withChunk(png(), "iCCP", chunk)), IMAGE);
    }

    @Test
    void readsProgressiveJpegAsBaseline() throws IOException {
        assertSame(decode(jpeg(0, true)), decode(jpeg(0, false)));
    }

    @Test
    void readsJpegWithRestartMarkers() throws IOException {
        byte[] restarting = jpeg(1, false);
        assertThat(Arrays.equals(restarting, jpeg(0, false))).isFalse();
        assertSame(decode(restarting), decode(jpeg(0, false)));
        assertThat(decode(restarting).at(20, 12, 0)).isCloseTo(IMAGE.at(20, 12, 0), within(16));
    }

    @Test
    void readsGrayJpegAsStored() throws IOException {
        BufferedImage gray = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
        Arrays.fill(((java.awt.image.DataBufferByte) gray.getRaster().getDataBuffer()).getData(), (byte) 100);
        assertThat(decode(encoded(gray, "jpeg")).rgb()).containsOnly(100);
    }

    @Test
    void doesNotTurnImagesByTheirExifOrientation() throws IOException {
        String app1 = "ffe10022" + "457869660000" + "4d4d002a00000008"; // marker, "Exif", big-endian TIFF
        String orientation = "0001" + "011200030000000100060000" + "00000000"; // one entry: turn by 90 degrees
        byte[] exif = HexFormat.of().parseHex(app1 + orientation);
        byte[] jpeg = jpeg(0, false);
        byte[] turned = PngBytes.concat(Arrays.copyOf(jpeg, 20), exif, Arrays.copyOfRange(jpeg, 20, jpeg.length));
        assertSame(decode(turned), decode(jpeg));
    }

    private static RgbImage decode(byte[] bytes) {
        return ImageDecoder.decode(bytes, "test");
    }

    private static byte[] png() {
        return PngWriter.encode(IMAGE, Map.of());
    }

    private static byte[] jpeg(int restartInterval, boolean progressive) throws IOException {
        BufferedImage image = BufferedImages.fromRgb(IMAGE);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam param = writer.getDefaultWriteParam();
        param.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
        IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), param);
        if (restartInterval > 0) {
            IIOMetadataNode tree = (IIOMetadataNode) metadata.getAsTree(metadata.getNativeMetadataFormatName());
            IIOMetadataNode interval = new IIOMetadataNode("dri");
            interval.setAttribute("interval", Integer.toString(restartInterval));
            tree.getElementsByTagName("markerSequence")
                    .item(0)
                    .insertBefore(interval, tree.getElementsByTagName("sos").item(0));
            metadata.setFromTree(metadata.getNativeMetadataFormatName(), tree);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, metadata), param);
        }
        return bytes.toByteArray();
    }

    private static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out))
                .as("the JDK writes %s", format)
                .isTrue();
        return out.toByteArray();
    }

    private static void fillBand(WritableRaster raster, int band, int factor) {
        for (int i = 0; i < 256; i++) {
            raster.setSample(i % 16, i / 16, band, i * factor);
        }
    }

    /** 16 x 16 pixels with every gray once. */
    private static RgbImage grayRamp() {
        byte[] rgb = new byte[256 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / 3);
        }
        return new RgbImage(16, 16, rgb);
    }

    private static void assertSame(RgbImage actual, RgbImage expected) {
        assertThat(actual.width()).isEqualTo(expected.width());
        assertThat(actual.height()).isEqualTo(expected.height());
        assertThat(Arrays.mismatch(actual.rgb(), expected.rgb()))
                .as("first byte that differs")
                .isEqualTo(-1);
    }
}
