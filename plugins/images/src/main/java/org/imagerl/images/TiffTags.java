package org.imagerl.images;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The tags of the first folder of a TIFF structure: of a TIFF file, or of the EXIF data in other files. Values of strangers' files
 * are never larger here than the file.
 *
 * <p>Source: TIFF 6.0, section 2.
 */
final class TiffTags {
    /** How the image is to be turned, 1 to 8. */
    static final int ORIENTATION = 0x112;
    /** Where EXIF's own folder is. */
    static final int EXIF_FOLDER = 0x8769;

    private static final int ENTRY_BYTES = 12;
    /** Bytes of the types 1 to 12. */
    private static final int[] SIZES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};

    private final ByteBuffer bytes;
    private final Map<Integer, Entry> entries = new HashMap<>();
    private long next;
    private boolean whole;

    private record Entry(int type, int count, int at) {}

    private TiffTags(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    /** The first folder; empty if there is none. */
    static TiffTags of(byte[] tiff) {
        TiffTags tags = new TiffTags(tiff);
        try {
            tags.bytes.order(tiff.length > 0 && tiff[0] == 'M' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
            tags.read(tags.bytes.getInt(4) & 0xffffffffL);
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            return tags; // what was there until then
        }
        return tags;
    }

    /** Another folder of the same structure. */
    TiffTags folder(int tag) {
        TiffTags tags = new TiffTags(bytes.array());
        tags.bytes.order(bytes.order());
        try {
            tags.read(number(tag, bytes.limit()));
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            return tags;
        }
        return tags;
    }

    private void read(long at) {
        int start = (int) Math.min(at, bytes.limit());
        int count = bytes.getShort(start) & 0xffff;
        for (int i = 0; i < count; i++) {
            int entry = start + 2 + i * ENTRY_BYTES;
            int type = bytes.getShort(entry + 2) & 0xffff;
            long values = bytes.getInt(entry + 4) & 0xffffffffL;
            if (type < 1 || type >= SIZES.length) {
                continue;
            }
            long size = values * SIZES[type];
            long place = size <= 4 ? entry + 8 : bytes.getInt(entry + 8) & 0xffffffffL;
            if (place + size <= bytes.limit()) {
                entries.putIfAbsent(bytes.getShort(entry) & 0xffff, new Entry(type, (int) values, (int) place));
            }
        }
        next = bytes.getInt(start + 2 + count * ENTRY_BYTES) & 0xffffffffL;
        whole = true;
    }

    /** Whether the list of tags did not end too early. */
    boolean whole() {
        return whole;
    }

    /** Whether another folder follows: in a TIFF file, another page. */
    boolean more() {
        return next != 0;
    }

    /** The first value of a tag. */
    long number(int tag, long otherwise) {
        long[] numbers = numbers(tag);
        return numbers.length == 0 ? otherwise : numbers[0];
    }

    /** The values of a tag of unsigned integers; empty if there is none. */
    long[] numbers(int tag) {
        Entry entry = entries.get(tag);
        if (entry == null || (entry.type != 1 && entry.type != 3 && entry.type != 4)) {
            return new long[0];
        }
        long[] numbers = new long[entry.count];
        for (int i = 0; i < numbers.length; i++) {
            int at = entry.at + i * SIZES[entry.type];
            numbers[i] = switch (entry.type) {
                case 1 -> bytes.get(at) & 0xff;
                case 3 -> bytes.getShort(at) & 0xffff;
                default -> bytes.getInt(at) & 0xffffffffL;
            };
        }
        return numbers;
    }

    /** The bytes of a tag; empty if there is none. */
    byte[] bytes(int tag) {
        Entry entry = entries.get(tag);
        return entry == null
                ? new byte[0]
                : Arrays.copyOfRange(bytes.array(), entry.at, entry.at + entry.count * SIZES[entry.type]);
    }

    /** The orientation, 1 to 8; 1, as it stands, if none is said. */
    int orientation() {
        long value = number(ORIENTATION, 1);
        return value >= 1 && value <= 8 ? (int) value : 1;
    }

    /** Whether numbers have their high byte first. */
    boolean bigEndian() {
        return bytes.order() == ByteOrder.BIG_ENDIAN;
    }
}
