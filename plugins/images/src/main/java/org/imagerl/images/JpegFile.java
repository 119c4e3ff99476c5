package org.imagerl.images;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.imageio.IIOException;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a JPEG file: what decides how its samples become colours, and what is checked before any are decoded.
 *
 * <p>Source: ITU-T T.81, annex B; what counts as a JFIF or Adobe marker is as in libjpeg's jdmarker.c.
 */
final class JpegFile {
    /** Most scans of a file. Encoders write about ten; each costs a pass over all coefficients, whatever its size in the file. */
    static final int MAX_SCANS = 100;

    private static final int SOI = 0xd8;
    private static final int EOI = 0xd9;
    private static final int SOS = 0xda;
    private static final int COM = 0xfe;
    /** The start of a file, and the marker of JFIF 1.1 without a density and a preview. */
    private static final byte[] JFIF = HexFormat.of().parseHex("ffd8ffe000104a46494600010100000100010000");

    private final byte[] bytes;
    private final ByteArrayOutputStream bare = new ByteArrayOutputStream();
    private final List<Component> components = new ArrayList<>();
    private int at = 2;
    private int width;
    private int height;
    private int scans;
    private boolean progressive;
    private boolean jfif;
    private boolean adobe;
    private int adobeTransform;
    private byte @Nullable [] exif;

    /**
     * A component of the frame.
     *
     * @param id as the file numbers it
     * @param across sampling factor, 1 to 4
     * @param down sampling factor, 1 to 4
     */
    record Component(int id, int across, int down) {}

    /** What the samples of an image mean. */
    enum Colours {
        GRAY,
        RGB,
        YCBCR,
        CMYK,
        YCCK
    }

    private JpegFile(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads a file to its end marker.
     *
     * @throws IIOException if it is cut, has too many scans, or is of a kind that is not decoded
     */
    static JpegFile parse(byte[] bytes) throws IIOException {
        JpegFile file = new JpegFile(bytes);
        while (file.segment()) {}
        file.check();
        return file;
    }

    /** Only what stands before the first scan, of the start of a file; what is cut there is no error. */
    static JpegFile parseStart(byte[] bytes) {
        JpegFile file = new JpegFile(bytes);
        try {
            while (file.scans == 0 && file.segment()) {}
        } catch (IIOException e) {
            return file; // decoding says what is wrong
        }
        return file;
    }

    private void check() throws IIOException {
        if (scans == 0 || components.isEmpty()) {
            throw new IIOException("it has no image");
        }
        if (components.size() == 2 || components.size() > 4) {
            throw new IIOException(
                    "it has " + components.size() + " components; 1 (gray), 3 (colour) and 4 (CMYK) are read");
        }
    }

    private boolean segment() throws IIOException {
        int marker = marker();
        if (marker == EOI) {
            bare.write(0xff);
            bare.write(EOI);
            return false;
        }
        if (marker == SOI || (marker >= 0xd0 && marker < SOI) || marker == 0x01) {
            return true; // stand alone; nothing follows
        }
        int length = at + 2 <= bytes.length ? u16(at) : bytes.length;
        if (length < 2 || length > bytes.length - at) {
            throw truncated();
        }
        look(marker, at + 2, at + length);
        boolean application = (marker >= 0xe0 && marker <= 0xef) || marker == COM;
        int start = at;
        at += length;
        if (marker == SOS) {
            skipScan();
        }
        if (!application) {
            bare.write(0xff);
            bare.write(marker);
            bare.write(bytes, start, at - start);
        }
        return true;
    }

    /** The next marker; what stands before it is skipped, as libjpeg does. */
    private int marker() throws IIOException {
        while (at + 1 < bytes.length) {
            int second = bytes[at + 1] & 0xff;
            if ((bytes[at] & 0xff) == 0xff && second != 0 && second != 0xff) {
                at += 2;
                return second;
            }
            at++;
        }
        throw truncated();
    }

    private static IIOException truncated() {
        return new IIOException("the file is truncated: it has no end marker");
    }

    private void skipScan() throws IIOException {
        if (++scans > MAX_SCANS) {
            throw new IIOException(
                    "it has more than " + MAX_SCANS + " scans; save it again as a baseline JPEG or as PNG");
        }
        for (; at + 1 < bytes.length; at++) {
            int second = bytes[at + 1] & 0xff;
            boolean data = second == 0 || second == 0xff || (second >= 0xd0 && second < SOI);
            if ((bytes[at] & 0xff) == 0xff && !data) {
                return;
            }
        }
    }

    private void look(int marker, int from, int to) throws IIOException {
        if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
            frame(marker, from, to);
        } else if (scans == 0 && marker == 0xe0 && to - from >= 14 && starts(from, "JFIF\0")) {
            jfif = true;
        } else if (scans == 0 && marker == 0xee && to - from >= 12 && starts(from, "Adobe")) {
            adobe = true;
            adobeTransform = bytes[from + 11] & 0xff;
        } else if (exif == null && marker == 0xe1 && starts(from, "Exif\0")) {
            exif = Arrays.copyOfRange(bytes, Math.min(to, from + 6), to);
        }
    }

    private void frame(int marker, int from, int to) throws IIOException {
        if (marker > 0xc2) {
            throw new IIOException(
                    "its kind of JPEG (lossless, hierarchical or arithmetic) is not decoded; convert it to PNG");
        }
        int count = to - from < 6 ? 0 : bytes[from + 5] & 0xff;
        if (!components.isEmpty() || to - from < 6 + 3 * count) {
            throw new IIOException("its header is damaged");
        }
        progressive = marker == 0xc2;
        height = u16(from + 1);
        width = u16(from + 3);
        if (bytes[from] != 8) {
            throw new IIOException("it has " + (bytes[from] & 0xff) + " bits a sample; 8 are read");
        }
        for (int i = 0, c = from + 6; i < count; i++, c += 3) {
            components.add(new Component(bytes[c] & 0xff, bytes[c + 1] >> 4 & 0xf, bytes[c + 1] & 0xf));
        }
    }

    private boolean starts(int from, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
        return from + wanted.length <= bytes.length
                && Arrays.equals(bytes, from, from + wanted.length, wanted, 0, wanted.length);
    }

    private int u16(int index) {
        return (bytes[index] & 0xff) << 8 | (bytes[index + 1] & 0xff);
    }

    /**
     * The meaning of the samples, by the rule of libjpeg (jdapimin.c, {@code default_decompress_parms}): JFIF, then
     * Adobe's marker, then the numbers of the components, where only 'R', 'G', 'B' are RGB.
     */
    Colours colours() {
        if (components.size() == 1) {
            return Colours.GRAY;
        }
        if (components.size() == 4) {
            return adobe && adobeTransform != 0 ? Colours.YCCK : Colours.CMYK;
        }
        if (jfif) {
            return Colours.YCBCR;
        }
        if (adobe) {
            return adobeTransform == 0 ? Colours.RGB : Colours.YCBCR;
        }
        List<Integer> ids = components.stream().map(Component::id).toList();
        return ids.equals(List.of((int) 'R', (int) 'G', (int) 'B')) ? Colours.RGB : Colours.YCBCR;
    }

    List<Component> components() {
        return components;
    }

    /** Pixels. */
    int width() {
        return width;
    }

    /** Pixels. */
    int height() {
        return height;
    }

    /** Whether all coefficients are kept while it is decoded. */
    boolean progressive() {
        return progressive;
    }

    /** Whether the first scan was reached, before which EXIF data stand. */
    boolean startsPixels() {
        return scans > 0;
    }

    /** The TIFF structure of its EXIF data; null if it has none. */
    byte @Nullable [] exif() {
        return exif;
    }

    /**
     * Whether a component has half of the rows and all of the columns (4:4:0), which some decoders interpolate and others repeat.
     *
     * @param component of this file
     */
    boolean hasHalfRows(Component component) {
        int across = components.stream().mapToInt(Component::across).max().orElse(1);
        int down = components.stream().mapToInt(Component::down).max().orElse(1);
        return component.across() == across && component.down() * 2 == down;
    }

    /**
     * The file without profiles, previews and comments, which the decoder would look at. It says that its samples are luminance and
     * colour differences where they are, since the decoder has another rule for files that do not say it.
     */
    byte[] bare() {
        byte[] start = colours() == Colours.YCBCR ? JFIF : Arrays.copyOf(JFIF, 2);
        byte[] whole = Arrays.copyOf(start, start.length + bare.size());
        System.arraycopy(bare.toByteArray(), 0, whole, start.length, bare.size());
        return whole;
    }
}
