package org.imagerl.images;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.imageio.IIOException;

/**
 * The checks of a run-length coded BMP file before it is decoded: the JDK's reader fills what the code leaves out with
 * the first colour. As in Pillow, a file is whole if its runs, ends of lines and jumps reach the last pixel.
 */
final class BmpFile {
    private static final int RLE8 = 1;
    private static final int RLE4 = 2;
    private static final int HEADER_BYTES = 54;

    private final byte[] bytes;
    private final boolean nibbles;
    private final long width;
    private final long pixels;
    private int at;
    private long got;

    private BmpFile(byte[] bytes, ByteBuffer header, int compression) {
        this.bytes = bytes;
        this.nibbles = compression == RLE4;
        this.at = header.getInt(10);
        this.width = Math.max(1, header.getInt(18));
        this.pixels = width * Math.abs((long) header.getInt(22));
    }

    /**
     * Makes sure that a file is whole.
     *
     * @throws IIOException if it is not
     */
    static void check(byte[] bytes) throws IIOException {
        if (bytes.length < HEADER_BYTES) {
            return; // an older header, without compression, or a cut one: the reader says so
        }
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int compression = header.getInt(30);
        if (header.getInt(14) >= 40 && (compression == RLE8 || compression == RLE4)) {
            new BmpFile(bytes, header, compression).checkRuns();
        }
    }

    private void checkRuns() throws IIOException {
        boolean more = true;
        while (more && got < pixels) {
            int count = next();
            int value = next();
            more = value >= 0 && run(count, value);
        }
        if (got < pixels) {
            throw new IIOException("the file is truncated: it has " + got + " of " + pixels + " pixels");
        }
    }

    /** @return whether more may follow */
    private boolean run(int count, int value) {
        if (count > 0) {
            got += Math.min(count, width - got % width);
        } else if (value == 0) {
            got += (width - got % width) % width;
        } else if (value == 2) {
            got += Math.max(0, next()) + width * Math.max(0, next());
        } else if (value > 2) {
            int length = nibbles ? (value + 1) / 2 : value;
            at += length + length % 2;
            got += at <= bytes.length ? value : 0;
        }
        return value != 1 || count > 0;
    }

    /** The next byte; -1 at the end. */
    private int next() {
        return at >= 0 && at < bytes.length ? bytes[at++] & 0xff : -1;
    }
}
