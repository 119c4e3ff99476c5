package org.imagerl.images;

import java.util.stream.LongStream;
import javax.imageio.IIOException;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the strips and tiles of a TIFF file hold that are compressed by LZW or PackBits. The JDK's reader takes codes that do not exist yet,
 * and leaves black what compressed data lack; libtiff, and so Pillow, refuses such files.
 *
 * <p>Source: TIFF 6.0, sections 9 (PackBits), 13 (LZW) and 15 (tiles).
 */
final class TiffStrips {
    private static final int LZW = 5;
    private static final int PACK_BITS = 32773;
    private static final int YCBCR = 6;

    private static final int WIDTH = 0x100;
    private static final int HEIGHT = 0x101;
    private static final int BITS = 0x102;
    private static final int FILL_ORDER = 0x10a;
    private static final int SAMPLES = 0x115;
    private static final int ROWS = 0x116;
    private static final int PLANAR = 0x11c;
    private static final int TILE_WIDTH = 0x142;
    private static final int TILE_HEIGHT = 0x143;

    private static final int CLEAR = 256;
    private static final int END = 257;
    private static final int MAX_CODE_BITS = 12;

    private final TiffTags tags;
    private final boolean tiled;
    private final long rows;

    /**
     * The parts of a file, if they are of a kind that is counted here: not those of subsampled colours, of bits in reverse order, or that share
     * bytes.
     */
    static @Nullable TiffStrips of(TiffTags tags, long fileBytes) {
        long compression = tags.number(TiffFile.COMPRESSION, 1);
        boolean counted = (compression == LZW || compression == PACK_BITS)
                && tags.number(TiffFile.PHOTOMETRIC, 1) != YCBCR
                && tags.number(FILL_ORDER, 1) == 1;
        TiffStrips strips = new TiffStrips(tags);
        long sum = LongStream.of(tags.numbers(TiffFile.LENGTHS[strips.tiled ? 1 : 0]))
                .sum();
        return counted && sum <= fileBytes ? strips : null;
    }

    private TiffStrips(TiffTags tags) {
        this.tags = tags;
        this.tiled = tags.number(TILE_WIDTH, 0) > 0;
        this.rows = tiled ? tags.number(TILE_HEIGHT, 0) : Math.min(height(), tags.number(ROWS, height()));
    }

    private long height() {
        return tags.number(HEIGHT, 0);
    }

    /**
     * Makes sure that all strips or tiles are whole.
     *
     * @throws IIOException if one is not
     */
    void check(byte[] file) throws IIOException {
        long[] places = tags.numbers(TiffFile.PLACES[tiled ? 1 : 0]);
        long[] lengths = tags.numbers(TiffFile.LENGTHS[tiled ? 1 : 0]);
        for (int i = 0; i < Math.min(places.length, lengths.length); i++) {
            check(file, i, (int) places[i], (int) (places[i] + lengths[i]));
        }
    }

    private void check(byte[] file, int index, int from, int to) throws IIOException {
        long needed = bytes(index);
        boolean lzw = tags.number(TiffFile.COMPRESSION, 1) == LZW;
        long got = lzw ? lzw(file, from, to, needed) : packBits(file, from, to, needed);
        if (got < needed) {
            throw new IIOException(
                    "the file is truncated or damaged: a part of its pixels has " + got + " of " + needed + " bytes");
        }
    }

    /** Bytes of a part when it is not compressed; the last strip has the rows that are left. */
    private long bytes(int index) {
        boolean planes = tags.number(PLANAR, 1) == 2;
        long samples = planes ? 1 : tags.number(SAMPLES, 1);
        long width = tags.number(tiled ? TILE_WIDTH : WIDTH, 0);
        long row = (width * samples * tags.number(BITS, 1) + 7) / 8;
        if (tiled || rows == 0) {
            return row * rows;
        }
        long strips = (height() + rows - 1) / rows;
        return row * Math.min(rows, height() - index % strips * rows);
    }

    private static long packBits(byte[] file, int from, int to, long enough) {
        long count = 0;
        for (int at = from; at < to && count < enough; ) {
            int code = file[at];
            if (code >= 0) {
                count += Math.min(code + 1, to - at - 1);
                at += code + 2;
            } else {
                count += code == -128 || at + 1 >= to ? 0 : 1 - code;
                at += code == -128 ? 1 : 2;
            }
        }
        return count;
    }

    /** Only the lengths of the codes are decoded. */
    private static long lzw(byte[] file, int from, int to, long enough) throws IIOException {
        int[] lengths = new int[1 << MAX_CODE_BITS];
        int next = END + 1;
        int last = -1;
        long count = 0;
        int buffer = 0;
        int buffered = 0;
        if (to - from > 1 && file[from] == 0 && (file[from + 1] & 1) == 1) {
            return enough; // the LZW of TIFF 5.0, which the reader refuses
        }
        for (int at = from; count < enough; ) {
            int bits = Math.min(MAX_CODE_BITS, Math.max(9, Integer.SIZE - Integer.numberOfLeadingZeros(next + 1)));
            for (; buffered < bits && at < to; buffered += 8) {
                buffer = buffer << 8 | (file[at++] & 0xff);
            }
            int code = buffered < bits ? END : buffer >>> (buffered - bits) & ((1 << bits) - 1);
            buffered -= bits;
            if (code == END) {
                return count;
            }
            if (code == CLEAR) {
                next = END + 1;
                last = -1;
                continue;
            }
            if (code > next || (code >= CLEAR && last < 0) || next == lengths.length) {
                throw new IIOException(
                        "the file is truncated or damaged: its LZW data have a code that does not exist");
            }
            if (last >= 0) {
                lengths[next++] = 1 + (last < CLEAR ? 1 : lengths[last]);
            }
            count += code < CLEAR ? 1 : lengths[code];
            last = code;
        }
        return count;
    }
}
