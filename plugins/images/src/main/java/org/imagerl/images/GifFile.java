package org.imagerl.images;

import javax.imageio.IIOException;

/**
 * The blocks of a GIF file. The JDK's reader fills what a damaged file lacks with the first colour and says nothing; here the pixels
 * of the first frame are counted before it is decoded.
 *
 * <p>Source: GIF 89a specification; appendix F for the variable-length code.
 */
final class GifFile {
    private static final int MAX_CODE_BITS = 12;
    private static final int IMAGE = 0x2c;
    private static final int EXTENSION = 0x21;

    private final byte[] bytes;
    private int at = 13;

    private GifFile(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Makes sure that the first frame is whole.
     *
     * @return whether another frame follows
     * @throws IIOException if it is not
     */
    static boolean check(byte[] bytes) throws IIOException {
        GifFile file = new GifFile(bytes);
        if (bytes.length < file.at) {
            throw truncated();
        }
        file.skipColours(bytes[10]);
        if (!file.nextImage()) {
            throw new IIOException("it has no image");
        }
        file.checkFrame();
        return file.nextImage();
    }

    private static IIOException truncated() {
        return new IIOException("the file is truncated");
    }

    /** Goes to the next image descriptor, whatever stands between. */
    private boolean nextImage() {
        while (at < bytes.length && bytes[at] == EXTENSION) {
            at += 2;
            skipBlocks();
        }
        return at < bytes.length && bytes[at] == IMAGE;
    }

    private void skipBlocks() {
        while (at < bytes.length && bytes[at] != 0) {
            at += 1 + (bytes[at] & 0xff);
        }
        at++;
    }

    private void skipColours(byte flags) {
        at += (flags & 0x80) == 0 ? 0 : 3 * (2 << (flags & 7));
    }

    private void checkFrame() throws IIOException {
        if (bytes.length - at < 10) {
            throw truncated();
        }
        long pixels = (long) u16(at + 5) * u16(at + 7);
        byte flags = bytes[at + 9];
        at += 10;
        skipColours(flags);
        if (at >= bytes.length) {
            throw truncated();
        }
        int start = at;
        long got = new Codes(bytes, at + 1, bytes[at]).count(pixels);
        if (got < pixels) {
            throw new IIOException("the file is truncated: its first frame has " + got + " of " + pixels + " pixels");
        }
        at = start + 1;
        skipBlocks();
    }

    private int u16(int index) {
        return (bytes[index] & 0xff) | (bytes[index + 1] & 0xff) << 8;
    }

    /** The codes of a frame, of which only the lengths are decoded. */
    private static final class Codes {
        private final byte[] bytes;
        private final int firstBits;
        private final int[] lengths = new int[1 << MAX_CODE_BITS];
        private int at;
        private int blockEnd;
        private int buffer;
        private int buffered;

        Codes(byte[] bytes, int at, int firstBits) throws IIOException {
            this.bytes = bytes;
            this.at = at;
            this.blockEnd = at;
            this.firstBits = firstBits;
            if (firstBits < 1 || firstBits > 8) {
                throw new IIOException("its first frame is damaged");
            }
        }

        /** The number of pixels, at most about {@code enough}. */
        long count(long enough) throws IIOException {
            int clear = 1 << firstBits;
            int bits = firstBits + 1;
            int next = clear + 2;
            int last = -1;
            long count = 0;
            for (int code; count < enough && (code = read(bits)) >= 0 && code != clear + 1; ) {
                if (code == clear) {
                    bits = firstBits + 1;
                    next = clear + 2;
                    last = -1;
                    continue;
                }
                if (code > next || (code >= clear && last < 0)) {
                    throw new IIOException("its first frame is damaged");
                }
                int before = last < 0 ? 0 : last < clear ? 1 : lengths[last];
                if (last >= 0 && next < lengths.length) {
                    lengths[next++] = before + 1;
                    bits = next == 1 << bits && bits < MAX_CODE_BITS ? bits + 1 : bits;
                }
                count += code < clear ? 1 : lengths[code];
                last = code;
            }
            return count;
        }

        /** The next code; -1 at the end of the data. */
        private int read(int bits) {
            while (buffered < bits) {
                if (at == blockEnd) {
                    if (at >= bytes.length || bytes[at] == 0) {
                        return -1;
                    }
                    blockEnd = at + 1 + (bytes[at] & 0xff);
                    at++;
                }
                if (at >= bytes.length) {
                    return -1;
                }
                buffer |= (bytes[at++] & 0xff) << buffered;
                buffered += 8;
            }
            int code = buffer & ((1 << bits) - 1);
            buffer >>>= bits;
            buffered -= bits;
            return code;
        }
    }
}
