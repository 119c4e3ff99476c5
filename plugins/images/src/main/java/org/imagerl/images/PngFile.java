package org.imagerl.images;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import javax.imageio.IIOException;
import org.imagerl.images.PngPixels.Slice;
import org.imagerl.spi.RgbImage;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a PNG file. What is accepted is what Pillow accepts: every chunk before the pixels has the right checksum, the
 * pixels inflate to as many bytes as the size needs, and what follows them does not matter. The JDK's reader checks none of it.
 *
 * <p>Source: PNG specification, third edition, sections 5, 7 and 11.
 */
final class PngFile {
    /** Where the width stands, before the height, in a file that {@link #startsWithHeader}. */
    static final int WIDTH_AT = 16;

    private static final int SIGNATURE_BYTES = 8;
    private static final int MAX_SURPLUS_BYTES = 1 << 20;
    private static final int[][] PASSES = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private final byte[] bytes;
    private final List<Slice> pixels = new ArrayList<>();
    private byte[] header = {};
    private byte[] palette = {};
    private byte @Nullable [] exif;
    private int at = SIGNATURE_BYTES;
    private boolean pixelsEnded;

    private PngFile(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads the chunks; {@link #pixels} is still to be called.
     *
     * @throws IIOException if a chunk is damaged, or there are no pixels
     */
    static PngFile parse(byte[] bytes) throws IIOException {
        PngFile file = new PngFile(bytes);
        while (file.chunk()) {}
        if (file.header.length != 13) {
            throw new IIOException("it has no header");
        }
        if (file.pixels.isEmpty()) {
            throw new IIOException("the file is truncated: it has no pixels");
        }
        return file;
    }

    /** Whether the start of a file has the size where it is to be. */
    static boolean startsWithHeader(byte[] start) {
        return start.length >= WIDTH_AT + 2 * Integer.BYTES
                && ByteBuffer.wrap(start).getInt(12) == 0x49484452; // IHDR
    }

    /** Whether a file has EXIF data, by the names of its chunks alone. */
    static boolean hasExif(SeekableByteChannel in) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(8);
        for (long at = SIGNATURE_BYTES; at + 8 <= in.size(); at += 12 + (head.getInt(0) & 0xffffffffL)) {
            in.position(at);
            head.clear();
            while (head.hasRemaining() && in.read(head) >= 0) {}
            int type = head.getInt(4);
            if (type == 0x65584966 || type == 0x49454e44) { // eXIf, IEND
                return type == 0x65584966;
            }
        }
        return false;
    }

    private boolean chunk() throws IIOException {
        if (bytes.length - at < 8) {
            return false;
        }
        long length = u32(at);
        String type = new String(bytes, at + 4, 4, StandardCharsets.ISO_8859_1);
        boolean data = type.equals("IDAT");
        if (type.equals("IEND")) {
            return false;
        }
        int from = at + 8;
        if (length > bytes.length - from) {
            if (data && !pixelsEnded) {
                pixels.add(new Slice(from, bytes.length));
            }
            return false; // whether enough is there is seen when it inflates
        }
        int to = from + (int) length;
        at = (int) Math.min(bytes.length, to + 4L);
        if (data && !pixelsEnded) {
            pixels.add(new Slice(from, to));
        } else if (pixels.isEmpty()) {
            checkSum(type, from, to);
            keep(type, from, to);
        } else {
            pixelsEnded = true; // what has another chunk before it belongs to no image
            exif = exif == null && type.equals("eXIf") ? Arrays.copyOfRange(bytes, from, to) : exif;
        }
        return true;
    }

    private void keep(String type, int from, int to) {
        switch (type) {
            case "IHDR" -> header = Arrays.copyOfRange(bytes, from, to);
            case "PLTE" -> palette = Arrays.copyOfRange(bytes, from, to);
            case "eXIf" -> exif = Arrays.copyOfRange(bytes, from, to);
            default -> {}
        }
    }

    private void checkSum(String type, int from, int to) throws IIOException {
        CRC32 crc = new CRC32();
        crc.update(bytes, from - 4, to - from + 4);
        if (bytes.length - to < 4 || crc.getValue() != u32(to)) {
            throw new IIOException("the checksum of its chunk " + printable(type) + " is wrong");
        }
    }

    private static String printable(String type) {
        return type.chars().allMatch(c -> c > ' ' && c < 127) ? type : "at the start";
    }

    private long u32(int index) {
        return ByteBuffer.wrap(bytes).getInt(index) & 0xffffffffL;
    }

    /** Pixels. */
    int width() {
        return ByteBuffer.wrap(header).getInt(0);
    }

    /** Pixels. */
    int height() {
        return ByteBuffer.wrap(header).getInt(4);
    }

    /** The TIFF structure of its EXIF data; null if it has none. */
    byte @Nullable [] exif() {
        return exif;
    }

    /**
     * Inflates the pixels.
     *
     * @return the image if its samples have eight bits and are neither interlaced nor of a palette; else null
     * @throws IIOException if they are damaged or too few
     */
    @Nullable
    RgbImage pixels() throws IIOException {
        long needed = inflatedBytes();
        try (PngPixels all = new PngPixels(bytes, pixels)) {
            boolean plain = header[8] == 8 && header[9] != 3 && header[12] == 0;
            RgbImage image = plain ? all.rows(width(), height(), channels()) : null;
            long got = (plain ? needed : 0) + all.skip(plain ? MAX_SURPLUS_BYTES : needed + MAX_SURPLUS_BYTES);
            if (got < needed) {
                throw PngPixels.truncated(got, needed);
            }
            return image;
        } catch (DataFormatException e) {
            throw new IIOException("its pixels are damaged: " + e.getMessage(), e);
        }
    }

    private long inflatedBytes() throws IIOException {
        long bits = (long) header[8] * channels();
        if (header[12] == 0) {
            return passBytes(width(), height(), bits);
        }
        long sum = 0;
        for (int[] pass : PASSES) {
            sum += passBytes(
                    (width() - pass[0] + pass[2] - 1) / pass[2], (height() - pass[1] + pass[3] - 1) / pass[3], bits);
        }
        return sum;
    }

    private static long passBytes(long width, long height, long bits) {
        return width == 0 || height == 0 ? 0 : height * (1 + (width * bits + 7) / 8);
    }

    private int channels() throws IIOException {
        return switch (header[9]) {
            case 0, 3 -> 1;
            case 2 -> 3;
            case 4 -> 2;
            case 6 -> 4;
            default -> throw new IIOException("its header has an unknown kind of colours (" + header[9] + ")");
        };
    }

    /** The file without transparency, texts, profiles and all else that the decoder would inflate or apply. */
    byte[] bare() {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(target)) {
            out.write(bytes, 0, SIGNATURE_BYTES);
            write(out, "IHDR", header, 0, header.length);
            if (palette.length > 0) {
                write(out, "PLTE", palette, 0, palette.length);
            }
            for (Slice slice : pixels) {
                write(out, "IDAT", bytes, slice.from(), slice.to());
            }
            write(out, "IEND", bytes, 0, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing here leaves memory
        }
        return target.toByteArray();
    }

    private static void write(DataOutputStream out, String type, byte[] data, int from, int to) throws IOException {
        byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data, from, to - from);
        out.writeInt(to - from);
        out.write(name);
        out.write(data, from, to - from);
        out.writeInt((int) crc.getValue());
    }
}
