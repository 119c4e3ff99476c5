package org.imagerl.images;

import javax.imageio.IIOException;

/**
 * The checks of a TIFF file before the JDK's reader decodes it. That reader takes what a truncated file lacks for
 * zeros.
 */
final class TiffFile {
    static final int COMPRESSION = 0x103;
    static final int PHOTOMETRIC = 0x106;
    static final int[] PLACES = {0x111, 0x144};
    static final int[] LENGTHS = {0x117, 0x145};
    private static final int COLOUR_MAP = 0x140;
    private static final int OLD_JPEG = 6;
    private static final int JPEG = 7;

    private TiffFile() {}

    /**
     * Makes sure that all of the pixels of the first page are in the file.
     *
     * @throws IIOException if they are not, or are of a kind that is not decoded
     */
    static TiffTags check(byte[] bytes) throws IIOException {
        TiffTags tags = TiffTags.of(bytes);
        refuseColours(tags);
        int parts = 0;
        for (int i = 0; i < PLACES.length; i++) {
            long[] places = tags.numbers(PLACES[i]);
            long[] lengths = tags.numbers(LENGTHS[i]);
            parts += places.length;
            for (int j = 0; j < Math.min(places.length, lengths.length); j++) {
                if (places[j] + lengths[j] > bytes.length) {
                    throw new IIOException("the file is truncated: its pixels end at byte " + (places[j] + lengths[j])
                            + " of " + bytes.length);
                }
            }
        }
        if (parts == 0 || !tags.whole()) {
            throw new IIOException("the file is truncated: its list of tags is not whole");
        }
        TiffStrips strips = TiffStrips.of(tags, bytes.length);
        if (strips != null) {
            strips.check(bytes);
        }
        long compression = tags.number(COMPRESSION, 1);
        if ((compression == JPEG || compression == OLD_JPEG) && scans(bytes) > parts + JpegFile.MAX_SCANS) {
            throw new IIOException("its JPEG data have too many scans; save it again without JPEG compression");
        }
        return tags;
    }

    private static void refuseColours(TiffTags tags) throws IIOException {
        long kind = tags.number(PHOTOMETRIC, 1);
        if (kind == 5 || kind > 6) {
            String name = kind == 5 ? "CMYK" : kind == 8 || kind == 9 || kind == 10 ? "LAB" : "of kind " + kind;
            throw new IIOException("its colours are " + name + "; convert it to RGB");
        }
    }

    /** The colours of its palette as {@code 0xRRGGBB}, the high bytes of the file's, as Pillow has them; empty if it has none. */
    static int[] palette(byte[] bytes) {
        TiffTags tags = TiffTags.of(bytes);
        long[] map = tags.numbers(COLOUR_MAP);
        int[] colours = new int[tags.number(PHOTOMETRIC, 1) == 3 ? map.length / 3 : 0];
        for (int i = 0; i < colours.length; i++) {
            for (int c = 0; c < 3; c++) {
                colours[i] = colours[i] << 8 | (int) (map[c * colours.length + i] >> 8);
            }
        }
        return colours;
    }

    /** The number of scans of a JPEG. */
    private static int scans(byte[] bytes) {
        int scans = 0;
        for (int i = 0; i + 1 < bytes.length; i++) {
            scans += bytes[i] == (byte) 0xff && bytes[i + 1] == (byte) 0xda ? 1 : 0;
        }
        return scans;
    }
}
