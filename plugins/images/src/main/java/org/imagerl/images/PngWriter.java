package org.imagerl.images;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.io.AtomicFile;

/**
 * Writes images as true-colour PNG (8 bits a sample, rows without filters), with texts that {@link PngText} reads back. The libraries at hand look for palettes
 * and filters first, which took a fifth of the processor time of a short training.
 */
public final class PngWriter {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final byte BITS = 8;
    private static final byte TRUE_COLOUR = 2;
    private static final int MAX_KEYWORD_CHARS = 79;
    private static final int BUFFER = 1 << 16;

    private PngWriter() {}

    /**
     * Writes or replaces a file, whole or not at all.
     *
     * @param texts by keyword (for instance {@code prompt}), as in {@link #encode}
     * @throws org.imagerl.spi.UserException if the file system fails, see {@link AtomicFile#write}
     */
    public static void write(Path file, RgbImage image, Map<String, String> texts) {
        AtomicFile.write(file, encode(image, texts));
    }

    /**
     * A PNG file.
     *
     * @param texts by keyword, written in the order of the keywords: ASCII as {@code tEXt} chunks, anything else as {@code iTXt}. A
     *     keyword has 1 to 79 printable ASCII characters; a text has no NUL (the format ends keywords with it)
     */
    public static byte[] encode(RgbImage image, Map<String, String> texts) {
        ByteArrayOutputStream png = new ByteArrayOutputStream(image.rgb().length / 2 + 1024);
        png.writeBytes(SIGNATURE);
        byte[] header = ByteBuffer.allocate(13)
                .putInt(image.width())
                .putInt(image.height())
                .put(BITS)
                .put(TRUE_COLOUR)
                .array();
        chunk(png, "IHDR", header);
        // Sorted: Map.of has another order in each process, and the same image with the same texts must give the same
        // file.
        new TreeMap<>(texts).forEach((keyword, text) -> text(png, keyword, text));
        chunk(png, "IDAT", deflated(image));
        chunk(png, "IEND", new byte[0]);
        return png.toByteArray();
    }

    /**
     * The pixels of an image that was drawn.
     *
     * @param image of {@link BufferedImage#TYPE_INT_RGB}
     */
    public static RgbImage drawn(BufferedImage image) {
        int[] pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
        byte[] rgb = new byte[3 * pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            rgb[3 * i] = (byte) (pixels[i] >> 16);
            rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
            rgb[3 * i + 2] = (byte) pixels[i];
        }
        return new RgbImage(image.getWidth(), image.getHeight(), rgb);
    }

    private static void text(ByteArrayOutputStream png, String keyword, String text) {
        if (keyword.isBlank()
                || keyword.length() > MAX_KEYWORD_CHARS
                || !keyword.chars().allMatch(c -> c >= ' ' && c < 127)) {
            throw new IllegalArgumentException("not a PNG keyword: '" + keyword + "'");
        }
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the text of " + keyword + " contains NUL");
        }
        boolean plain = StandardCharsets.US_ASCII.newEncoder().canEncode(text);
        // iTXt: not compressed, by no method, in no language, and the keyword is not translated.
        String before = plain ? keyword + "\0" : keyword + "\0\0\0\0\0";
        chunk(png, plain ? "tEXt" : "iTXt", (before + text).getBytes(StandardCharsets.UTF_8));
    }

    /** Each row has a byte before it, 0: no filter. */
    private static byte[] deflated(RgbImage image) {
        int row = 3 * image.width();
        byte[] filtered = new byte[image.height() * (row + 1)];
        for (int y = 0; y < image.height(); y++) {
            System.arraycopy(image.rgb(), y * row, filtered, y * (row + 1) + 1, row);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(filtered.length / 2 + 64);
        Deflater deflater = new Deflater();
        try {
            deflater.setInput(filtered);
            deflater.finish();
            byte[] part = new byte[BUFFER];
            while (!deflater.finished()) {
                out.write(part, 0, deflater.deflate(part));
            }
        } finally {
            deflater.end();
        }
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
        byte[] named = ByteBuffer.allocate(4 + data.length)
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .put(data)
                .array();
        CRC32 sum = new CRC32();
        sum.update(named);
        png.writeBytes(ByteBuffer.allocate(8 + named.length)
                .putInt(data.length)
                .put(named)
                .putInt((int) sum.getValue())
                .array());
    }
}
