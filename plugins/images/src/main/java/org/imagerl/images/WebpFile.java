package org.imagerl.images;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The EXIF chunk of a WebP file. Source: RFC 9649, section 2.7. */
final class WebpFile {
    private static final int CHUNK_HEADER_BYTES = 8;
    private static final int FLAGS_AT = 20;
    private static final byte[] PREFIX = {'E', 'x', 'i', 'f', 0, 0};

    private WebpFile() {}

    /** Whether the header says that there are EXIF data; simple files have none (RFC 9649, sections 2.5 and 2.7.1). */
    static boolean saysExif(byte[] start) {
        return start.length > FLAGS_AT
                && ByteBuffer.wrap(start).getInt(12) == 0x56503858 // "VP8X"
                && (start[FLAGS_AT] & 0x08) != 0;
    }

    /** The TIFF structure of the EXIF data; null if there is none. */
    static byte @Nullable [] exif(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (long at = 12; at + CHUNK_HEADER_BYTES <= bytes.length; ) {
            long length = in.getInt((int) at + 4) & 0xffffffffL;
            long end = at + CHUNK_HEADER_BYTES + length;
            if (in.getInt((int) at) == 0x46495845 && end <= bytes.length) { // "EXIF"
                byte[] data = Arrays.copyOfRange(bytes, (int) at + CHUNK_HEADER_BYTES, (int) end);
                boolean prefixed = data.length > 6 && Arrays.equals(data, 0, 6, PREFIX, 0, 6); // as in JPEG, by mistake
                return prefixed ? Arrays.copyOfRange(data, 6, data.length) : data;
            }
            at = end + length % 2;
        }
        return null;
    }
}
