package org.imagerl.images;

import java.util.Iterator;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import javax.imageio.IIOException;
import org.imagerl.spi.RgbImage;

/**
 * Inflates the pixels of a PNG file, and undoes the filters of rows of eight bits a sample that are not interlaced. The JDK's reader does the
 * same in twice the time, because the pixels must be inflated once more to see whether they are whole.
 *
 * <p>Source: PNG specification, third edition, sections 9 and 10.
 */
final class PngPixels implements AutoCloseable {
    private final byte[] file;
    private final Iterator<Slice> rest;
    private final Inflater inflater = new Inflater();

    /** Bytes of the file. */
    record Slice(int from, int to) {}

    /** @param slices that hold the pixels together */
    PngPixels(byte[] file, List<Slice> slices) {
        this.file = file;
        this.rest = slices.iterator();
    }

    /** Inflates up to {@code length} bytes to the beginning of {@code target}; fewer only at the end. */
    int fill(byte[] target, int length) throws DataFormatException {
        int got = 0;
        while (got < length) {
            int more = inflater.inflate(target, got, length - got);
            if (more == 0 && !rest.hasNext()) {
                return got;
            }
            if (more == 0) {
                Slice slice = rest.next();
                inflater.setInput(file, slice.from, slice.to - slice.from);
            }
            got += more;
        }
        return got;
    }

    /** Inflates up to {@code most} bytes and forgets them; fewer only at the end. */
    long skip(long most) throws DataFormatException {
        byte[] scratch = new byte[1 << 16];
        long got = 0;
        int more = 1;
        while (got < most && more > 0) {
            more = fill(scratch, scratch.length);
            got += more;
        }
        return got;
    }

    /**
     * The image, alpha dropped and gray in three channels.
     *
     * @param channels 1 gray, 2 gray and alpha, 3 red, green and blue, 4 these and alpha
     * @throws IIOException if there are fewer rows, or one has a filter that does not exist
     */
    RgbImage rows(int width, int height, int channels) throws DataFormatException, IIOException {
        int stride = width * channels;
        byte[] row = new byte[stride + 1];
        byte[] above = new byte[stride + 1];
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            int got = fill(row, row.length);
            if (got < row.length) {
                long all = (long) y * row.length + got;
                throw truncated(all, (long) height * row.length);
            }
            unfilter(row, above, channels);
            put(row, channels, rgb, 3 * width * y);
            byte[] free = above;
            above = row;
            row = free;
        }
        return new RgbImage(width, height, rgb);
    }

    static IIOException truncated(long got, long needed) {
        return new IIOException("the file is truncated: its pixels have " + got + " of " + needed + " bytes");
    }

    /** A row behind the number of its filter; what lies to the left of the first pixel is 0. */
    private static void unfilter(byte[] row, byte[] above, int step) throws IIOException {
        switch (row[0]) {
            case 0 -> {}
            case 1 -> {
                for (int i = 1 + step; i < row.length; i++) {
                    row[i] += row[i - step];
                }
            }
            case 2 -> {
                for (int i = 1; i < row.length; i++) {
                    row[i] += above[i];
                }
            }
            case 3 -> {
                for (int i = 1; i < row.length; i++) {
                    int left = i > step ? row[i - step] & 0xff : 0;
                    row[i] += (byte) ((left + (above[i] & 0xff)) >> 1);
                }
            }
            case 4 -> paeth(row, above, step);
            default -> throw new IIOException("a row of its pixels has the unknown filter " + (row[0] & 0xff));
        }
    }

    /** Adds which of left, above and upper left is nearest to left + above - upper left, the first of equals. */
    private static void paeth(byte[] row, byte[] above, int step) {
        for (int i = 1; i <= step; i++) {
            row[i] += above[i];
        }
        for (int i = 1 + step; i < row.length; i++) {
            int left = row[i - step] & 0xff;
            int up = above[i] & 0xff;
            int corner = above[i - step] & 0xff;
            int fromLeft = Math.abs(up - corner);
            int fromUp = Math.abs(left - corner);
            int fromCorner = Math.abs(left + up - 2 * corner);
            int nearest = fromLeft <= fromUp && fromLeft <= fromCorner ? left : fromUp <= fromCorner ? up : corner;
            row[i] += (byte) nearest;
        }
    }

    private static void put(byte[] row, int channels, byte[] rgb, int at) {
        if (channels == 3) {
            System.arraycopy(row, 1, rgb, at, row.length - 1);
            return;
        }
        int green = channels == 4 ? 1 : 0;
        for (int i = 1, to = at; i < row.length; i += channels, to += 3) {
            rgb[to] = row[i];
            rgb[to + 1] = row[i + green];
            rgb[to + 2] = row[i + 2 * green];
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}
