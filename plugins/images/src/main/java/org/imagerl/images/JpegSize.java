package org.imagerl.images;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.imagerl.spi.RgbImage;

/**
 * The number of bytes of an image as JPEG of quality 95: baseline, 4:2:0, standard Huffman tables, JFIF header. That is
 * Pillow's {@code save(f, "JPEG", quality=95)}, whose files ImageIO writes byte for byte.
 */
public final class JpegSize {
    private static final float QUALITY = 0.95f;

    private JpegSize() {}

    /** Counts the bytes that are written to it, and keeps none. */
    private static final class Counter extends OutputStream {
        private int bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] b, int offset, int length) {
            bytes += length;
        }
    }

    /** The size of the JPEG file of {@code image}, in bytes. */
    public static int bytes(RgbImage image) {
        Counter counter = new Counter();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(counter)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            param.setCompressionQuality(QUALITY);
            writer.setOutput(out);
            writer.write(null, new IIOImage(BufferedImages.fromRgb(image), null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing here leaves memory
        } finally {
            writer.dispose();
        }
        return counter.bytes;
    }
}
