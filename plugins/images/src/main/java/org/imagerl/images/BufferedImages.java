package org.imagerl.images;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import javax.imageio.IIOException;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import org.imagerl.spi.RgbImage;
import org.jspecify.annotations.Nullable;

/**
 * Converts between Java's images and ours. Samples are taken from the raster as the file has them: {@code getRGB} and
 * {@code drawImage} convert colours (gray by as much as 56 of 255 on average) and composite alpha.
 */
final class BufferedImages {
    /** The reason for refusing an image in other colours. */
    static final String NOT_RGB =
            "its colours are CMYK or another kind that is neither RGB nor gray; convert it to RGB";

    private static final int[] RGB_ORDER = {0, 1, 2};
    private static final ColorModel RGB = new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, Transparency.OPAQUE, DataBuffer.TYPE_BYTE);

    private BufferedImages() {}

    /** The image as {@link BufferedImage#TYPE_3BYTE_BGR}. */
    static BufferedImage fromRgb(RgbImage image) {
        BufferedImage result = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
        byte[] bgr = ((DataBufferByte) result.getRaster().getDataBuffer()).getData();
        byte[] rgb = image.rgb();
        for (int i = 0; i < rgb.length; i += 3) {
            bgr[i] = rgb[i + 2];
            bgr[i + 1] = rgb[i + 1];
            bgr[i + 2] = rgb[i];
        }
        return result;
    }

    /**
     * Decodes an image of RGB, or of samples that its reader converts to RGB, where the result is.
     *
     * @param width of the image, in pixels
     * @param height of the image, in pixels
     */
    static RgbImage readRgb(ImageReader reader, int width, int height) throws IOException {
        WritableRaster samples =
                Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, width, height, 3 * width, 3, RGB_ORDER, null);
        ImageReadParam where = reader.getDefaultReadParam();
        where.setDestination(new BufferedImage(RGB, samples, false, null));
        reader.read(0, where);
        return new RgbImage(width, height, ((DataBufferByte) samples.getDataBuffer()).getData());
    }

    /**
     * The red, green and blue samples as 8 bits, alpha dropped.
     *
     * @param image may be overwritten: the result may be its memory
     * @throws IIOException if the samples are no RGB, gray or palette integers of at most 16 bits
     */
    static RgbImage toRgb(BufferedImage image) throws IIOException {
        return toRgb(image, new int[0]);
    }

    /**
     * As {@link #toRgb(BufferedImage)}.
     *
     * @param colours as {@code 0xRRGGBB}, instead of those of the palette if the image has one; empty for its own
     */
    static RgbImage toRgb(BufferedImage image, int[] colours) throws IIOException {
        image.coerceData(false); // colours multiplied by alpha (TIFF) back to colours
        byte[] inPlace = inPlace(image);
        if (inPlace != null) {
            return new RgbImage(image.getWidth(), image.getHeight(), inPlace);
        }
        byte[] rgb = image.getColorModel() instanceof IndexColorModel palette
                ? paletteColours(image.getRaster(), palette, colours)
                : samples(image.getRaster(), image.getColorModel());
        return new RgbImage(image.getWidth(), image.getHeight(), rgb);
    }

    /** Sorts the samples where they are, if they are as many and as wide as the result's: large images need not be there twice. */
    private static byte @Nullable [] inPlace(BufferedImage image) throws IIOException {
        boolean bytes = image.getRaster().getDataBuffer() instanceof DataBufferByte buffer
                && buffer.getNumBanks() == 1
                && buffer.getData().length == image.getWidth() * image.getHeight() * 3;
        if (!bytes
                || !(image.getSampleModel() instanceof PixelInterleavedSampleModel model)
                || model.getNumBands() != 3
                || model.getPixelStride() != 3
                || model.getScanlineStride() != image.getWidth() * 3
                || image.getRaster().getParent() != null
                || isGray(image.getColorModel().getColorSpace())) {
            return null;
        }
        byte[] data = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
        int[] offsets = model.getBandOffsets();
        byte[] pixel = new byte[3];
        for (int i = 0; i < data.length; i += 3) {
            System.arraycopy(data, i, pixel, 0, 3);
            data[i] = pixel[offsets[0]];
            data[i + 1] = pixel[offsets[1]];
            data[i + 2] = pixel[offsets[2]];
        }
        return data;
    }

    private static byte[] paletteColours(Raster raster, IndexColorModel palette, int[] colours) {
        int width = raster.getWidth();
        byte[] rgb = new byte[width * raster.getHeight() * 3];
        int[] row = new int[width];
        for (int y = 0, to = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, width, 1, 0, row);
            for (int index : row) {
                int colour = index < colours.length ? colours[index] : palette.getRGB(index);
                rgb[to++] = (byte) (colour >> 16);
                rgb[to++] = (byte) (colour >> 8);
                rgb[to++] = (byte) colour;
            }
        }
        return rgb;
    }

    private static byte[] samples(Raster raster, ColorModel model) throws IIOException {
        boolean gray = isGray(model.getColorSpace());
        int width = raster.getWidth();
        byte[] rgb = new byte[width * raster.getHeight() * 3];
        int[] row = new int[width];
        for (int c = 0; c < 3; c++) {
            int band = gray ? 0 : c;
            int bits = sampleBits(model, band);
            for (int y = 0, to = c; y < raster.getHeight(); y++) {
                raster.getSamples(0, y, width, 1, band, row);
                for (int sample : row) {
                    rgb[to] = (byte) toEightBits(sample, bits);
                    to += 3;
                }
            }
        }
        return rgb;
    }

    private static boolean isGray(ColorSpace space) throws IIOException {
        return switch (space.getType()) {
            case ColorSpace.TYPE_GRAY -> true;
            case ColorSpace.TYPE_RGB -> false;
            default -> throw new IIOException(NOT_RGB);
        };
    }

    private static int sampleBits(ColorModel model, int band) throws IIOException {
        int bits = model.getComponentSize(band);
        int type = model.getTransferType();
        boolean unsigned =
                type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT || type == DataBuffer.TYPE_INT;
        if (!unsigned || bits > 16) {
            throw new IIOException("its samples are signed, floating or of more than 16 bits; convert it to 8 bits");
        }
        return bits;
    }

    /** High byte of wide samples; narrow ones spread over 0..255, truncated: both as Pillow does. */
    private static int toEightBits(int sample, int bits) {
        return bits >= 8 ? sample >> (bits - 8) : sample * 255 / ((1 << bits) - 1);
    }
}
