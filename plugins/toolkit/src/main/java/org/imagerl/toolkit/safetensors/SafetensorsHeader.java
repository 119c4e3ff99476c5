package org.imagerl.toolkit.safetensors;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.UserException;

/**
 * The checked header of a safetensors file. The tensors lie one after another from {@code dataStart} to the end of the file,
 * without overlap and without holes; nothing that is said here reaches outside the file.
 *
 * @param entries the tensors, in the order of their bytes in the file
 * @param metadata the {@code __metadata__} strings, in the order of the file; empty if there are none
 * @param dataStart the absolute position of the first byte after the header
 */
public record SafetensorsHeader(List<TensorEntry> entries, Map<String, String> metadata, long dataStart) {
    /** The longest header that is read, in bytes: the limit of the reference implementation. */
    public static final int MAX_HEADER_BYTES = 100_000_000;

    /** The key under which a header keeps its strings. No tensor may have this name. */
    public static final String METADATA_KEY = "__metadata__";

    static final int LENGTH_BYTES = Long.BYTES;

    /** Copies, so that what was checked cannot change. */
    public SafetensorsHeader {
        entries = List.copyOf(entries);
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /**
     * Reads and checks the header of a file. At most {@link #MAX_HEADER_BYTES} are read, and never more than the file has.
     *
     * @param where the name of the file, for messages
     * @param in the file from its first byte; read up to the end of the header, not closed
     * @param fileBytes the size of the whole file
     * @throws UserException if anything in the header is wrong or disagrees with the size of the file
     * @throws IOException if the stream cannot be read
     */
    public static SafetensorsHeader read(String where, InputStream in, long fileBytes) throws IOException {
        byte[] prefix = in.readNBytes(LENGTH_BYTES);
        long headerBytes = checkedLength(where, prefix, fileBytes);
        byte[] json = in.readNBytes(Math.toIntExact(headerBytes));
        if (json.length < headerBytes) {
            throw truncated(where, "its header ends after " + json.length + " of " + headerBytes + " bytes");
        }
        var characters = new InputStreamReader(new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder());
        HeaderParser parsed = HeaderParser.parse(where, characters);
        long dataStart = LENGTH_BYTES + headerBytes;
        List<TensorEntry> inFileOrder = HeaderLayout.check(where, parsed.entries(), fileBytes - dataStart);
        return new SafetensorsHeader(inFileOrder, parsed.metadata(), dataStart);
    }

    private static long checkedLength(String where, byte[] prefix, long fileBytes) {
        if (prefix.length < LENGTH_BYTES) {
            ForeignFormat.refuse(where, prefix);
            throw truncated(where, "it has " + fileBytes + " bytes, fewer than the 8 of a header length");
        }
        long headerBytes =
                ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
            ForeignFormat.refuse(where, prefix); // not before: a length of 640 begins as a pickle does
            throw damaged(
                    where,
                    "its header would be " + Long.toUnsignedString(headerBytes) + " bytes long, the limit is "
                            + MAX_HEADER_BYTES);
        }
        if (headerBytes > fileBytes - LENGTH_BYTES) {
            throw truncated(where, "it has " + fileBytes + " bytes, but its header alone has " + headerBytes);
        }
        return headerBytes;
    }

    static UserException truncated(String where, String what) {
        return UserException.input(where + ": the file is cut off: " + what + "; download or copy it again");
    }

    static UserException damaged(String where, String what) {
        return UserException.input(where + ": not a valid safetensors file: " + what
                + "; it is damaged or was written by a faulty tool: download it again");
    }
}
