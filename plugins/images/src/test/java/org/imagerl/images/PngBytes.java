package org.imagerl.images;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/** PNG files byte by byte, to make what no writer makes. */
final class PngBytes {
    private static final int IHDR_END = 33;

    private PngBytes() {}

    /** The file with one more chunk behind the header. */
    static byte[] withChunk(byte[] png, String type, byte[] data) throws IOException {
        return concat(Arrays.copyOf(png, IHDR_END), chunk(type, data), Arrays.copyOfRange(png, IHDR_END, png.length));
    }

    /** The file with another size in its header, and the right checksum. */
    static byte[] withSize(byte[] png, int width, int height) throws IOException {
        byte[] header = Arrays.copyOfRange(png, 16, 29);
        ByteBuffer.wrap(header).putInt(width).putInt(height);
        return concat(Arrays.copyOf(png, 8), chunk("IHDR", header), Arrays.copyOfRange(png, IHDR_END, png.length));
    }

    static byte[] deflate(byte[] data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
            deflater.write(data);
        }
        return out.toByteArray();
    }

    static byte[] concat(byte[]... parts) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.write(part);
        }
        return out.toByteArray();
    }

    static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] chunk(String type, byte[] data) throws IOException {
        byte[] typeAndData = concat(latin1(type), data);
        CRC32 crc = new CRC32();
        crc.update(typeAndData);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(data.length);
            out.write(typeAndData);
            out.writeInt((int) crc.getValue());
        }
        return bytes.toByteArray();
    }
}
