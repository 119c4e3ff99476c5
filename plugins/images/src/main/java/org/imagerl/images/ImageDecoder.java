package org.imagerl.images;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.apache.commons.imaging.ImageFormat;
import org.apache.commons.imaging.ImageFormats;
import org.apache.commons.imaging.Imaging;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;

/**
 * Reads PNG, JPEG, BMP, GIF (first frame), TIFF (first page), and WebP where an ImageIO plugin for it is on the class path, to
 * the bytes that Pillow's {@code Image.open(f).convert("RGB")} gives: alpha is dropped without compositing, gray is copied
 * to three channels, gamma chunks and colour profiles are not applied, EXIF orientation only of TIFF. 16-bit samples keep their high
 * byte, those of gray too, which Pillow clips to white. What Pillow refuses as truncated or damaged is refused.
 *
 * <p>Commons Imaging recognises the format by the content, whatever the file is called; the JDK's ImageIO decodes (all but {@link PngPixels}), because Commons
 * applies PNG gamma, upsamples JPEG chroma by the nearest neighbour, misreads restart markers and has no progressive JPEG. The size
 * in the header is checked before a pixel is decoded, and what is decoded at a time is bounded by {@link DecodingBudget}.
 */
public final class ImageDecoder {
    /** Largest width and height, in pixels. */
    public static final int MAX_SIDE = 1 << 14;
    /** Largest width times height, in pixels. */
    public static final int MAX_PIXELS = 1 << 27;
    /** Largest file, in bytes: the largest image, uncompressed. */
    public static final long MAX_FILE_BYTES = 1L << 29;

    private static final Map<ImageFormat, String> FORMATS = Map.of(
            ImageFormats.PNG, "PNG",
            ImageFormats.JPEG, "JPEG",
            ImageFormats.BMP, "BMP",
            ImageFormats.GIF, "GIF",
            ImageFormats.TIFF, "TIFF",
            ImageFormats.WEBP, "WebP");

    /** The start of a file: what its format is recognised by, and where most have their size. */
    static final int START_BYTES = 1 << 16;

    /** The size of an image, in pixels. */
    public record Size(int width, int height) {}

    /** What is wanted of a file of a known format. */
    private interface Reading<T> {
        T of(String format) throws IOException;
    }

    private ImageDecoder() {}

    /**
     * Reads an image file.
     *
     * @throws UserException if it is missing, too large, damaged or of a kind that is not supported; names file and reason
     */
    public static RgbImage decode(Path file) {
        return decode(file, ExifOrientation.IGNORE).image();
    }

    /**
     * Reads an image file and says what of it was left out.
     *
     * @throws UserException as {@link #decode(Path)}
     */
    public static DecodedImage decode(Path file, ExifOrientation orientation) {
        return inMemory(file, () -> decode(read(file), file.toString(), orientation));
    }

    /**
     * Reads an image.
     *
     * @param bytes the content of an image file
     * @param name what to call it in errors
     * @throws UserException if it is too large, damaged or of a kind that is not supported; names the image and the reason
     */
    public static RgbImage decode(byte[] bytes, String name) {
        return decode(bytes, name, ExifOrientation.IGNORE).image();
    }

    /**
     * Reads an image and says what of it was left out.
     *
     * @throws UserException as {@link #decode(byte[], String)}
     */
    public static DecodedImage decode(byte[] bytes, String name, ExifOrientation orientation) {
        return guarded(bytes, name, format -> ImageFile.of(format, bytes).decode(orientation));
    }

    /**
     * The size that the header of an image file says, as it is decoded without EXIF orientation; no pixel is decoded.
     *
     * @throws UserException if it is missing, too large, damaged in its header or of a kind that is not supported; names file and reason
     */
    public static Size size(Path file) {
        return size(file, ExifOrientation.IGNORE);
    }

    /**
     * The size as it is decoded.
     *
     * @throws UserException as {@link #size(Path)}
     */
    public static Size size(Path file, ExifOrientation orientation) {
        byte[] start = start(file);
        Size stored = guarded(start, file.toString(), format -> {
            Size size = ImageFile.size(format, start);
            return size != null ? size : inMemory(file, () -> wholeSize(format, file));
        });
        boolean matters = orientation == ExifOrientation.APPLY && stored.width != stored.height;
        boolean turned = matters && orientation(file, start) > 4;
        return turned ? new Size(/* width= */ stored.height, /* height= */ stored.width) : stored;
    }

    /**
     * The EXIF orientation, 1 to 8; 1 without one, and of TIFF, which is turned in any case. No pixel is decoded.
     *
     * @throws UserException as {@link #size(Path)}
     */
    static int orientation(Path file) {
        return orientation(file, start(file));
    }

    private static int orientation(Path file, byte... start) {
        String format = format(start, file.toString());
        Integer early = ImageFile.startOrientation(format, start);
        if (early != null) {
            return early;
        }
        try (SeekableByteChannel in = Files.newByteChannel(file)) {
            if (format.equals("PNG") && !PngFile.hasExif(in)) {
                return 1;
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        return inMemory(file, () -> ImageFile.orientation(format, read(file)));
    }

    /**
     * The size that the header of an image says, as it is decoded without EXIF orientation; no pixel is decoded.
     *
     * @param bytes the content of an image file
     * @param name what to call it in errors
     * @throws UserException if it is too large, damaged in its header or of a kind that is not supported; names the image and the reason
     */
    public static Size size(byte[] bytes, String name) {
        return guarded(bytes, name, format -> {
            Size size = ImageFile.size(format, bytes);
            return size != null ? size : ImageFile.wholeSize(format, bytes);
        });
    }

    private static Size wholeSize(String format, Path file) {
        try {
            return ImageFile.wholeSize(format, read(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // unpacked where it is reported
        }
    }

    private static <T> T inMemory(Path file, Supplier<T> task) {
        return DecodingBudget.FILES.run(
                2 * length(file), file.toString(), task); // the bytes, and a copy without what is not decoded
    }

    private static long length(Path file) {
        try {
            long length = Files.size(file);
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw UserException.input(file + " cannot be read: it is no regular file");
            }
            if (length > MAX_FILE_BYTES) {
                throw UserException.input(file + " has " + length + " bytes; images have at most " + MAX_FILE_BYTES);
            }
            return length;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static byte[] start(Path file) {
        length(file);
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(START_BYTES);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** The content of an image file, of at most {@link #MAX_FILE_BYTES}. */
    static byte[] read(Path file) {
        length(file);
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes((int) MAX_FILE_BYTES);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static UserException unreadable(Path file, IOException e) {
        return e instanceof NoSuchFileException
                ? UserException.input(file + " does not exist", e)
                : UserException.input(file + " cannot be read: " + Damage.of(e), e);
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
        throw UserException.input(name + " is not an image in a known format (PNG, JPEG, BMP, GIF, TIFF, WebP)");
    }

    /**
     * Reads, and puts what went wrong into one sentence.
     *
     * @param start of the file, at least {@link #START_BYTES} if it has as many
     */
    private static <T> T guarded(byte[] start, String name, Reading<T> wanted) {
        String format = format(start, name);
        String failed = name + " cannot be read as a " + format + " image: ";
        try {
            return wanted.of(format);
        } catch (CancellationException e) {
            throw e;
        } catch (UserException e) {
            throw new UserException(e.kind(), failed + e.getMessage(), e);
        } catch (IOException | RuntimeException e) { // ImageIO's readers throw anything on damaged files
            throw UserException.input(failed + Damage.of(e), e);
        } catch (OutOfMemoryError e) {
            throw new UserException(
                    UserException.Kind.RESOURCES,
                    failed + "memory ran out; raise it, for instance with IMAGERL_JAVA_OPTS=-Xmx8g",
                    e);
        }
    }
}
