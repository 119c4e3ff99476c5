package org.imagerl.images;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;
import org.imagerl.spi.UserException;

/**
 * The texts of a PNG file: {@code tEXt}, {@code zTXt} and {@code iTXt} chunks, wherever they stand. Written here rather than
 * taken from a library because no library bounds what a compressed chunk may inflate to.
 *
 * <p>Source: PNG specification, third edition, section 11.3.3.
 */
public final class PngText {
    /** Longest text read, in bytes after inflation. */
    public static final int MAX_TEXT_BYTES = 1 << 24;

    private static final long SIGNATURE = 0x89504E470D0A1A0AL;
    /** Length, type and checksum of a chunk. */
    private static final int FRAME_BYTES = 12;

    private PngText() {}

    /**
     * Reads the texts of a picture file.
     *
     * @throws UserException if the file cannot be read or a chunk is damaged
     */
    public static Map<String, String> read(Path file) {
        return read(ImageDecoder.read(file), file.toString());
    }

    /**
     * Reads the texts of a picture.
     *
     * @param bytes the content of a picture file of any format
     * @param name what to call it in errors
     * @return text by keyword in the order of the file, of several with one keyword the first; empty if it is no PNG
     * @throws UserException if a chunk is damaged, or a text inflates to more than {@link #MAX_TEXT_BYTES}
     */
    public static Map<String, String> read(byte[] bytes, String name) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Map<String, String> texts = new LinkedHashMap<>();
        if (in.remaining() < Long.BYTES || in.getLong() != SIGNATURE) {
            return texts;
        }
        try {
            while (in.remaining() >= FRAME_BYTES) {
                readChunk(in, texts);
            }
        } catch (IOException e) {
            throw UserException.input(name + " has a damaged PNG chunk: " + e.getMessage(), e);
        }
        return texts;
    }

    private static void readChunk(ByteBuffer in, Map<String, String> texts) throws IOException {
        int length = in.getInt();
        if (length < 0 || length > in.remaining() - 8) {
            throw new IOException("a chunk of " + Integer.toUnsignedString(length) + " bytes does not fit the file");
        }
        if (!isText(in.getInt(in.position()))) {
            in.position(in.position() + Integer.BYTES + length + Integer.BYTES);
            return;
        }
        byte[] typeAndData = new byte[Integer.BYTES + length];
        in.get(typeAndData);
        checkSum(typeAndData, in.getInt());
        addText(typeAndData, texts);
    }

    private static boolean isText(int type) {
        return type == 0x74455874 || type == 0x7A545874 || type == 0x69545874; // tEXt, zTXt, iTXt
    }

    private static void checkSum(byte[] typeAndData, int expected) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(typeAndData);
        if ((int) crc.getValue() != expected) {
            throw new IOException("its checksum is wrong");
        }
    }

    private static void addText(byte[] chunk, Map<String, String> texts) throws IOException {
        Fields fields = new Fields(chunk, 4);
        String keyword = fields.upToNul(StandardCharsets.ISO_8859_1);
        String text = switch (chunk[0]) {
            case 't' -> fields.rest(false, StandardCharsets.ISO_8859_1);
            case 'z' -> compressedText(fields);
            default -> internationalText(fields);
        };
        texts.putIfAbsent(keyword, text);
    }

    private static String compressedText(Fields fields) throws IOException {
        fields.next(); // the method of compression: there is only one
        return fields.rest(true, StandardCharsets.ISO_8859_1);
    }

    private static String internationalText(Fields fields) throws IOException {
        boolean compressed = fields.next() == 1;
        fields.next(); // method
        fields.upToNul(StandardCharsets.US_ASCII); // language
        fields.upToNul(StandardCharsets.UTF_8); // translated keyword
        return fields.rest(compressed, StandardCharsets.UTF_8);
    }

    /** Walks over the fields of one chunk. */
    private static final class Fields {
        private final byte[] bytes;
        private int at;

        Fields(byte[] bytes, int at) {
            this.bytes = bytes;
            this.at = at;
        }

        byte next() throws IOException {
            if (at >= bytes.length) {
                throw new IOException("it ends too early");
            }
            return bytes[at++];
        }

        String upToNul(Charset charset) throws IOException {
            int start = at;
            while (next() != 0) {}
            return new String(bytes, start, at - 1 - start, charset);
        }

        String rest(boolean compressed, Charset charset) throws IOException {
            byte[] rest = Arrays.copyOfRange(bytes, at, bytes.length);
            return new String(compressed ? inflate(rest) : rest, charset);
        }

        private static byte[] inflate(byte[] deflated) throws IOException {
            try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(deflated))) {
                byte[] text = in.readNBytes(MAX_TEXT_BYTES + 1);
                if (text.length > MAX_TEXT_BYTES) {
                    throw new IOException("it inflates to more than " + MAX_TEXT_BYTES + " bytes");
                }
                return text;
            }
        }
    }
}
