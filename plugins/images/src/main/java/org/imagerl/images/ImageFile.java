package org.imagerl.images;

import java.awt.image.DataBuffer;
import java.awt.image.SampleModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.imagerl.spi.RgbImage;
import org.jspecify.annotations.Nullable;

/**
 * An image file that was checked and found complete, ready to be decoded by ImageIO.
 *
 * @param format as in messages
 * @param bytes what ImageIO gets: of PNG and JPEG without what is not decoded
 * @param orientation as EXIF has it, 1 to 8
 * @param more whether further frames or pages follow
 * @param png what else is known of a PNG
 * @param jpeg what else is known of a JPEG
 */
record ImageFile(
        String format,
        byte[] bytes,
        int orientation,
        boolean more,
        @Nullable PngFile png,
        @Nullable JpegFile jpeg) {
    private static final String JPEG = "JPEG";
    private static final String TIFF = "TIFF";
    private static final String GIF = "GIF";
    private static final String PNG = "PNG";

    /** What is wanted of an open image. */
    private interface Reading<T> {
        T of(ImageReader reader) throws IOException;
    }

    /**
     * Looks through a file.
     *
     * @throws IOException if it is cut, damaged or too large
     */
    static ImageFile of(String format, byte[] bytes) throws IOException {
        return switch (format) {
            case PNG -> {
                PngFile png = PngFile.parse(bytes);
                checkSize(png.width(), png.height());
                yield new ImageFile(format, png.bare(), orientation(png.exif()), false, png, null);
            }
            case JPEG -> {
                JpegFile jpeg = JpegFile.parse(bytes);
                checkSize(jpeg.width(), jpeg.height());
                yield new ImageFile(format, jpeg.bare(), orientation(jpeg.exif()), false, null, jpeg);
            }
            case GIF -> {
                checkGif(bytes);
                boolean more = GifFile.check(bytes);
                // Ends that a cut file lacks: the reader wants them, though all pixels are there.
                byte[] ended = Arrays.copyOf(bytes, bytes.length + 2);
                ended[bytes.length + 1] = 0x3b;
                yield new ImageFile(format, ended, 1, more, null, null);
            }
            case TIFF -> {
                TiffTags tags = TiffFile.check(bytes);
                yield new ImageFile(format, bytes, tags.orientation(), tags.more(), null, null);
            }
            case "BMP" -> {
                BmpFile.check(bytes);
                yield new ImageFile(format, bytes, 1, false, null, null);
            }
            case "WebP" -> new ImageFile(format, bytes, orientation(WebpFile.exif(bytes)), false, null, null);
            default -> new ImageFile(format, bytes, 1, false, null, null);
        };
    }

    private static int orientation(byte @Nullable [] exif) {
        return exif == null ? 1 : TiffTags.of(exif).orientation();
    }

    private static void checkSize(int width, int height) throws IIOException {
        int side = ImageDecoder.MAX_SIDE;
        if (width < 1 || height < 1 || width > side || height > side || width > ImageDecoder.MAX_PIXELS / height) {
            throw new IIOException("it is " + Integer.toUnsignedString(width) + " x " + Integer.toUnsignedString(height)
                    + " pixels; at most " + side + " a side and " + ImageDecoder.MAX_PIXELS + " in all are read");
        }
    }

    private static void checkGif(byte[] bytes) throws IIOException {
        if (bytes.length < 10) {
            throw new IIOException("the file is truncated");
        }
        checkSize(u16(bytes, 6), u16(bytes, 8));
    }

    private static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8;
    }

    /** The size of an image, by the start of its file; null if more of the file is needed. */
    static ImageDecoder.@Nullable Size size(String format, byte[] start) throws IOException {
        if (format.equals(JPEG)) {
            JpegFile jpeg = JpegFile.parseStart(start);
            return jpeg.components().isEmpty() ? null : checkedSize(jpeg.width(), jpeg.height());
        }
        if (format.equals(PNG) && PngFile.startsWithHeader(start)) {
            ByteBuffer header = ByteBuffer.wrap(start);
            return checkedSize(header.getInt(PngFile.WIDTH_AT), header.getInt(PngFile.WIDTH_AT + Integer.BYTES));
        }
        try {
            return format.equals(TIFF) ? null : headerSize(format, start);
        } catch (IOException | RuntimeException e) {
            if (start.length == ImageDecoder.START_BYTES) {
                return null; // comments may stand before the size
            }
            throw e;
        }
    }

    /** The same by all of the file. */
    static ImageDecoder.Size wholeSize(String format, byte[] bytes) throws IOException {
        if (format.equals(JPEG)) {
            JpegFile jpeg = JpegFile.parse(bytes);
            return checkedSize(jpeg.width(), jpeg.height());
        }
        ImageDecoder.Size size = headerSize(format, bytes);
        boolean turned = format.equals(TIFF) && TiffTags.of(bytes).orientation() > 4;
        return turned ? new ImageDecoder.Size(/* width= */ size.height(), /* height= */ size.width()) : size;
    }

    /** The EXIF orientation, by the start of a file; null where its EXIF data may stand behind it. */
    static @Nullable Integer startOrientation(String format, byte[] start) {
        return switch (format) {
            case JPEG -> {
                JpegFile jpeg = JpegFile.parseStart(start);
                yield jpeg.startsPixels() ? orientation(jpeg.exif()) : null;
            }
            case PNG -> null;
            case "WebP" -> WebpFile.saysExif(start) ? null : 1;
            default -> 1;
        };
    }

    /** The EXIF orientation, 1 to 8; 1 of TIFF, which is turned anyway, and of damaged files. */
    static int orientation(String format, byte[] bytes) {
        try {
            return format.equals(TIFF) ? 1 : of(format, bytes).orientation;
        } catch (IOException e) {
            return 1; // decoding says what is wrong
        }
    }

    private static ImageDecoder.Size headerSize(String format, byte[] bytes) throws IOException {
        return new ImageFile(format, bytes, 1, false, null, null).read(reader -> {
            checkHeader(reader, bytes);
            return new ImageDecoder.Size(reader.getWidth(0), reader.getHeight(0));
        });
    }

    private static ImageDecoder.Size checkedSize(int width, int height) throws IIOException {
        checkSize(width, height);
        return new ImageDecoder.Size(width, height);
    }

    /**
     * Decodes the first frame.
     *
     * @throws IOException if it is damaged or too large
     */
    DecodedImage decode(ExifOrientation mode) throws IOException {
        // Pillow turns TIFF when it loads them, and no other format.
        boolean turn = orientation != 1 && (mode == ExifOrientation.APPLY || format.equals(TIFF));
        RgbImage image = read(reader -> {
            if (jpeg == null) {
                checkHeader(reader, bytes);
            }
            return decode(reader, turn);
        });
        return new DecodedImage(image, turn ? 1 : orientation, more);
    }

    private RgbImage decode(ImageReader reader, boolean turn) throws IOException {
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        long bytes = jpeg == null ? sampleBytes(reader, pixels) : pixels * jpegBytes(jpeg);
        return DecodingBudget.PIXELS.runReading(bytes + (turn ? 3 * pixels : 0), () -> {
            RgbImage plain = png == null ? null : png.pixels();
            RgbImage image = plain != null ? plain : read(reader);
            return turn ? ExifOrientation.turned(image, orientation) : image;
        });
    }

    private RgbImage read(ImageReader reader) throws IOException {
        if (jpeg == null) {
            return BufferedImages.toRgb(reader.read(0), format.equals(TIFF) ? TiffFile.palette(bytes) : new int[0]);
        }
        if (jpeg.colours() == JpegFile.Colours.YCBCR
                && jpeg.components().stream().noneMatch(jpeg::hasHalfRows)) {
            // libjpeg converts to the same bits in less time.
            return BufferedImages.readRgb(reader, jpeg.width(), jpeg.height());
        }
        return JpegColours.toRgb(reader.readRaster(0, null), jpeg);
    }

    /** Bytes of what the reader makes, and of the colours where they are not the same. */
    private long sampleBytes(ImageReader reader, long pixels) throws IOException {
        SampleModel model = reader.getImageTypes(0).next().getSampleModel();
        long each = (long) model.getNumBands() * DataBuffer.getDataTypeSize(model.getDataType()) / Byte.SIZE;
        long tile = format.equals(TIFF) ? (long) reader.getTileWidth(0) * reader.getTileHeight(0) : 0;
        return Math.max(pixels, tile) * each + (each == 3 ? 0 : 3 * pixels);
    }

    /** Bytes per pixel of the colours, of other samples, and of the coefficients of all scans. */
    private static long jpegBytes(JpegFile jpeg) {
        int count = jpeg.components().size();
        return 3 + (count == 3 ? 0 : count) + (jpeg.progressive() ? 2L * count : 0);
    }

    private <T> T read(Reading<T> wanted) throws IOException {
        try (ImageInputStream in = new ByteImageInput(bytes)) {
            ImageReader reader = reader(format);
            try {
                List<String> warnings = new ArrayList<>();
                reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
                // No metadata: it is not needed, and inflating a stranger's chunks costs memory.
                reader.setInput(in, false, true);
                T read = wanted.of(reader);
                checkWhole(warnings);
                return read;
            } finally {
                reader.dispose();
            }
        }
    }

    private static ImageReader reader(String format) throws IIOException {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.toLowerCase(Locale.ROOT));
        if (!readers.hasNext()) {
            throw new IIOException(
                    "this Java has no reader for it; convert it to PNG, or put com.twelvemonkeys.imageio:imageio-webp"
                            + " and its dependencies on the class path (the distribution's lib)");
        }
        return readers.next();
    }

    private static void checkHeader(ImageReader reader, byte[] bytes) throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        checkSize(width, height);
        if (!reader.getImageTypes(0).hasNext()) {
            throw new IIOException(BufferedImages.NOT_RGB);
        }
        if (reader.getFormatName().equalsIgnoreCase(GIF) && (width != u16(bytes, 6) || height != u16(bytes, 8))) {
            throw new IIOException("its first frame does not cover the image; convert it to PNG");
        }
    }

    /** The readers fill what a damaged file lacks with gray, and only warn. Bytes too many do no harm: some cameras write them. */
    private static void checkWhole(List<String> warnings) throws IIOException {
        for (String warning : warnings) {
            String lower = warning.toLowerCase(Locale.ROOT);
            boolean damage = lower.contains("premature") || lower.contains("truncated") || lower.contains("corrupt");
            if (damage && !lower.contains("extraneous")) {
                throw new IIOException("the file is truncated or damaged: " + warning);
            }
        }
    }
}
