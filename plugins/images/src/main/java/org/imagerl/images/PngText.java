package org.imagerl.images;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.IoProblems;

/**
 * The texts of a PNG file: {@code tEXt}, {@code zTXt} and {@code iTXt} chunks, wherever they stand. Written here rather than
 * taken from a library because no library bounds what compressed chunks may inflate to. The pixels are not read.
 *
 * <p>Source: PNG specification, third edition, section 11.3.3.
 */
public final class PngText {
    /** Longest texts read of one file, in bytes after inflation, all of them together. */
    public static final int MAX_TEXT_BYTES = 1 << 24;

    private static final long SIGNATURE = 0x89504E470D0A1A0AL;

    private final DataInputStream in;
    private final Map<String, String> texts = new LinkedHashMap<>();
    private int left = MAX_TEXT_BYTES;

    private PngText(InputStream in) {
        this.in = new DataInputStream(in);
    }

    /**
     * Reads the texts of an image file.
     *
     * @throws UserException if the file cannot be read, a chunk is damaged, or the texts are too long
     */
    public static Map<String, String> read(Path file) {
        try (InputStream in = BoundedFile.open(file)) {
            return read(new BufferedInputStream(in), file.toString());
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    /**
     * Reads the texts of an image.
     *
     * @param bytes the content of an image file of any format
     * @param name what to call it in errors
     * @return text by keyword in the order of the file, of several with one keyword the first; empty if it is no PNG
     * @throws UserException if a chunk is damaged, or the texts inflate to more than {@link #MAX_TEXT_BYTES}
     */
    public static Map<String, String> read(byte[] bytes, String name) {
        return read(new ByteArrayInputStream(bytes), name);
    }

    private static Map<String, String> read(InputStream in, String name) {
        PngText text = new PngText(in);
        try {
            text.readChunks();
        } catch (IOException e) {
            throw UserException.input(name + " has a damaged PNG chunk: " + Damage.of(e), e);
        }
        return text.texts;
    }

    private void readChunks() throws IOException {
        try {
            if (in.readLong() != SIGNATURE) {
                return;
            }
        } catch (EOFException e) {
            return; // too short for a PNG
        }
        while (readChunk()) {}
    }

    /** @return whether another may follow */
    private boolean readChunk() throws IOException {
        byte[] start = in.readNBytes(2 * Integer.BYTES);
        if (start.length < 2 * Integer.BYTES) {
            return false;
        }
        DataInputStream fields = new DataInputStream(new ByteArrayInputStream(start));
        int length = fields.readInt();
        if (length < 0) {
            throw new IOException("a chunk of " + Integer.toUnsignedString(length) + " bytes does not fit the file");
        }
        if (isText(fields.readInt())) {
            readText(Arrays.copyOfRange(start, Integer.BYTES, start.length), length);
        } else {
            skip(length + (long) Integer.BYTES);
        }
        return true;
    }

    private void skip(long length) throws IOException {
        if (length > 0) {
            // A file may be skipped beyond its end: the last byte is read.
            in.skipNBytes(length - 1);
            if (in.read() < 0) {
                throw new IOException("a chunk of " + (length - Integer.BYTES) + " bytes does not fit the file");
            }
        }
    }

    private void readText(byte[] type, int length) throws IOException {
        takeAway(length);
        byte[] data = in.readNBytes(length);
        byte[] sum = in.readNBytes(Integer.BYTES);
        if (data.length < length || sum.length < Integer.BYTES) {
            throw new IOException("a chunk of " + length + " bytes does not fit the file");
        }
        CRC32 crc = new CRC32();
        crc.update(type);
        crc.update(data);
        if ((int) crc.getValue() != new DataInputStream(new ByteArrayInputStream(sum)).readInt()) {
            throw new IOException("its checksum is wrong");
        }
        addText(type[0], data);
    }

    /** Of what all texts together may have. */
    private void takeAway(int bytes) throws IOException {
        if (bytes > left) {
            throw new IOException("its text inflates to more than " + MAX_TEXT_BYTES + " bytes in all");
        }
        left -= bytes;
    }

    private static boolean isText(int type) {
        return type == 0x74455874 || type == 0x7A545874 || type == 0x69545874; // tEXt, zTXt, iTXt
    }

    private void addText(byte kind, byte[] chunk) throws IOException {
        Fields fields = new Fields(chunk);
        String keyword = fields.upToNul(StandardCharsets.ISO_8859_1);
        String text = switch (kind) {
            case 't' -> fields.rest(false, StandardCharsets.ISO_8859_1);
            case 'z' -> compressedText(fields);
            default -> internationalText(fields);
        };
        texts.putIfAbsent(keyword, text);
    }

    private String compressedText(Fields fields) throws IOException {
        fields.next(); // the method of compression: there is only one
        return fields.rest(true, StandardCharsets.ISO_8859_1);
    }

    private String internationalText(Fields fields) throws IOException {
        boolean compressed = fields.next() == 1;
        fields.next(); // method
        fields.upToNul(StandardCharsets.US_ASCII); // language
        fields.upToNul(StandardCharsets.UTF_8); // translated keyword
        return fields.rest(compressed, StandardCharsets.UTF_8);
    }

    /** Walks over the fields of one chunk. */
    private final class Fields {
        private final byte[] bytes;
        private int at;

        Fields(byte[] bytes) {
            this.bytes = bytes;
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

        private byte[] inflate(byte[] deflated) throws IOException {
            try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(deflated))) {
                byte[] text = in.readNBytes(left + 1);
                takeAway(text.length);
                return text;
            }
        }
    }
}
