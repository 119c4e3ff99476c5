package org.imagerl.images;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.apache.commons.imaging.ImageFormat;
import org.apache.commons.imaging.ImageFormats;
import org.apache.commons.imaging.Imaging;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;

/**
 * Reads PNG, JPEG, BMP, GIF (first frame), TIFF (first page), and WebP where an ImageIO plugin for it is on the class path, to
 * the bytes that Pillow's {@code Image.open(f).convert("RGB")} gives: alpha is dropped without compositing, gray is copied
 * to three channels, gamma chunks, colour profiles and EXIF orientation are not applied, 16-bit samples keep their high byte.
 *
 * <p>Commons Imaging recognises the format; the JDK's ImageIO decodes, because Commons applies PNG gamma, upsamples JPEG
 * chroma by the nearest neighbour, misreads restart markers and has no progressive JPEG. The size in the header is checked
 * before a pixel is decoded.
 */
public final class ImageDecoder {
    /** Largest width and height, in pixels. */
    public static final int MAX_SIDE = 1 << 14;
    /** Largest width times height, in pixels. */
    public static final int MAX_PIXELS = 1 << 27;
    /** Largest file, in bytes: the largest picture, uncompressed. */
    public static final long MAX_FILE_BYTES = 1L << 29;

    private static final Map<ImageFormat, String> FORMATS = Map.of(
            ImageFormats.PNG, "PNG",
            ImageFormats.JPEG, "JPEG",
            ImageFormats.BMP, "BMP",
            ImageFormats.GIF, "GIF",
            ImageFormats.TIFF, "TIFF",
            ImageFormats.WEBP, "WebP");

    /** The start of a file: what its format is recognised by. */
    private static final int SIGNATURE_BYTES = 32;

    /** Of a picture, in pixels. */
    public record Size(int width, int height) {}

    /** Opens what is read. */
    private interface Opening {
        ImageInputStream open() throws IOException;
    }

    /** What is wanted of an open picture. */
    private interface Reading<T> {
        T of(ImageReader reader) throws IOException;
    }

    private ImageDecoder() {}

    /**
     * Reads a picture file.
     *
     * @throws UserException if it is missing, too large, damaged or of a kind that is not supported; names file and reason
     */
    public static RgbImage decode(Path file) {
        return decode(read(file), file.toString());
    }

    /**
     * Reads a picture.
     *
     * @param bytes the content of a picture file
     * @param name what to call it in errors
     * @throws UserException if it is too large, damaged or of a kind that is not supported; names the picture and the reason
     */
    public static RgbImage decode(byte[] bytes, String name) {
        return read(
                () -> new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes)),
                bytes,
                name,
                reader -> BufferedImages.toRgb(reader.read(0)));
    }

    /**
     * The size that the header of a picture file says; no pixel is decoded.
     *
     * @throws UserException if it is missing, too large, damaged in its header or of a kind that is not supported; names file and reason
     */
    public static Size size(Path file) {
        return read(
                () -> new FileImageInputStream(file.toFile()),
                start(file),
                file.toString(),
                reader -> new Size(reader.getWidth(0), reader.getHeight(0)));
    }

    private static byte[] start(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(SIGNATURE_BYTES);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** The content of a picture file, of at most {@link #MAX_FILE_BYTES}. */
    static byte[] read(Path file) {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw UserException.input(
                        file + " has " + Files.size(file) + " bytes; pictures have at most " + MAX_FILE_BYTES);
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static UserException unreadable(Path file, IOException e) {
        return e instanceof NoSuchFileException
                ? UserException.input(file + " does not exist", e)
                : UserException.input(file + " cannot be read: " + reason(e), e);
    }

    private static String format(byte[] bytes, String name) {
        try {
            String format = FORMATS.get(Imaging.guessFormat(bytes));
            if (format != null) {
                return format;
            }
        } catch (IOException | IllegalArgumentException e) {
            // Too short to have a signature: said below.
        }
        throw UserException.input(name + " is not a picture in a known format (PNG, JPEG, BMP, GIF, TIFF, WebP)");
    }

    private static ImageReader reader(String format) throws IIOException {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.toLowerCase(Locale.ROOT));
        if (!readers.hasNext()) {
            throw new IIOException(
                    "this Java has no reader for it; convert it to PNG, or put"
                            + " com.twelvemonkeys.imageio:imageio-webp and its dependencies on the class path (the distribution's lib)");
        }
        return readers.next();
    }

    /**
     * Opens a picture and takes what is wanted of it.
     *
     * @param start of the file, at least {@link #SIGNATURE_BYTES} if it has as many
     */
    private static <T> T read(Opening file, byte[] start, String name, Reading<T> wanted) {
        String format = format(start, name);
        try (ImageInputStream in = file.open()) {
            return read(in, start, reader(format), wanted);
        } catch (IOException | RuntimeException e) { // ImageIO's readers throw anything on damaged files
            throw UserException.input(name + " cannot be read as a " + format + " picture: " + reason(e), e);
        }
    }

    private static <T> T read(ImageInputStream in, byte[] start, ImageReader reader, Reading<T> wanted)
            throws IOException {
        try {
            List<String> warnings = new ArrayList<>();
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            // No metadata: it is not needed, and inflating a stranger's chunks costs memory.
            reader.setInput(in, false, true);
            checkHeader(reader, start);
            T read = wanted.of(reader);
            checkWhole(warnings);
            return read;
        } finally {
            reader.dispose();
        }
    }

    private static void checkHeader(ImageReader reader, byte[] bytes) throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        if (width > MAX_SIDE || height > MAX_SIDE || (long) width * height > MAX_PIXELS) {
            throw new IIOException("it is " + width + " x " + height + " pixels; at most " + MAX_SIDE + " a side and "
                    + MAX_PIXELS + " in all are read");
        }
        if (!reader.getImageTypes(0).hasNext()) { // what some JDKs answer for four-channel JPEG
            throw new IIOException(BufferedImages.NOT_RGB);
        }
        if (reader.getFormatName().equalsIgnoreCase("gif") && (width != u16(bytes, 6) || height != u16(bytes, 8))) {
            throw new IIOException("its first frame does not cover the picture; convert it to PNG");
        }
    }

    /** The JPEG reader fills what a truncated file lacks with gray, and only warns. */
    private static void checkWhole(List<String> warnings) throws IIOException {
        for (String warning : warnings) {
            if (warning.startsWith("Premature end") || warning.startsWith("Truncated")) {
                throw new IIOException("the file is truncated");
            }
        }
    }

    private static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8;
    }

    /** The innermost message: the outer ones of ImageIO say only that reading failed. */
    private static String reason(Throwable e) {
        String message = e.getMessage();
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            message = cause.getMessage() == null ? message : cause.getMessage();
        }
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
