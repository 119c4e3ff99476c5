package org.imagerl.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.imaging.ImageFormat;
import org.apache.commons.imaging.ImageFormats;
import org.apache.commons.imaging.Imaging;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.IoProblems;
import org.jspecify.annotations.Nullable;

/**
 * The texts in an image file: the text chunks of PNG, and of JPEG and WebP the EXIF tags in which image generators
 * write.
 *
 * <p>Source: EXIF 2.3, section 4.6.5, for the character codes of {@code UserComment}.
 */
public final class ImageTexts {
    /** The keyword of the EXIF tag UserComment. */
    public static final String USER_COMMENT = "EXIF UserComment";
    /** The keyword of the EXIF tag Model, where ComfyUI writes its graph. */
    public static final String MODEL = "EXIF Model";

    private static final int MODEL_TAG = 0x110;
    private static final int USER_COMMENT_TAG = 0x9286;
    /** Where a JPEG has its EXIF data: before the image, after other segments. */
    private static final int JPEG_START_BYTES = 1 << 18;

    private ImageTexts() {}

    /**
     * The texts of an image file.
     *
     * @return text by keyword; empty if there are none, or it is no image
     * @throws UserException if the file cannot be read, its texts are damaged, or they are too long
     */
    public static Map<String, String> read(Path file) {
        byte[] start = start(file);
        ImageFormat format = format(start);
        if (format == ImageFormats.PNG) {
            return PngText.read(file);
        }
        byte[] exif = null;
        if (format == ImageFormats.JPEG) {
            exif = JpegFile.parseStart(start).exif();
        } else if (format == ImageFormats.WEBP) {
            exif = WebpFile.exif(ImageDecoder.read(file));
        }
        return exif == null ? Map.of() : texts(exif);
    }

    private static byte[] start(Path file) {
        try (InputStream in = BoundedFile.open(file)) {
            return in.readNBytes(JPEG_START_BYTES);
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    private static @Nullable ImageFormat format(byte[] start) {
        try {
            return Imaging.guessFormat(start);
        } catch (IOException | IllegalArgumentException e) {
            return null; // too short to have a signature
        }
    }

    private static Map<String, String> texts(byte[] exif) {
        TiffTags tags = TiffTags.of(exif);
        Map<String, String> texts = new LinkedHashMap<>();
        put(texts, USER_COMMENT, comment(tags.folder(TiffTags.EXIF_FOLDER).bytes(USER_COMMENT_TAG), tags.bigEndian()));
        put(texts, MODEL, new String(tags.bytes(MODEL_TAG), StandardCharsets.UTF_8));
        return texts;
    }

    private static void put(Map<String, String> texts, String keyword, String text) {
        String whole = text.replace("\0", "").strip();
        if (!whole.isEmpty()) {
            texts.put(keyword, whole);
        }
    }

    /** The text behind the eight bytes that name its characters. */
    private static String comment(byte[] comment, boolean bigEndian) {
        if (comment.length <= 8) {
            return "";
        }
        String code = new String(comment, 0, 8, StandardCharsets.ISO_8859_1);
        Charset charset = code.startsWith("UNICODE") ? utf16(comment, bigEndian) : StandardCharsets.UTF_8;
        return new String(comment, 8, comment.length - 8, charset);
    }

    /** Writers do not agree on the order of the bytes: of most texts the zeros tell it. */
    private static Charset utf16(byte[] comment, boolean bigEndian) {
        int balance = 0;
        for (int i = 8; i < comment.length; i++) {
            if (comment[i] == 0) {
                balance += i % 2 == 0 ? 1 : -1;
            }
        }
        boolean big = balance == 0 ? bigEndian : balance > 0;
        return big ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_16LE;
    }
}
