package org.imagerl.images;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.imaging.formats.png.AbstractPngText;
import org.apache.commons.imaging.formats.png.PngImageParser;
import org.apache.commons.imaging.formats.png.PngImagingParameters;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.io.AtomicFile;

/** Writes images as true-colour PNG, with texts that {@link PngText} reads back. */
public final class PngWriter {
    private static final int MAX_KEYWORD_CHARS = 79;

    private PngWriter() {}

    /**
     * Writes or replaces a file, whole or not at all.
     *
     * @param texts by keyword (for instance {@code prompt}), as in {@link #encode}
     * @throws org.imagerl.spi.UserException if the file system fails, see {@link AtomicFile#write}
     */
    public static void write(Path file, RgbImage image, Map<String, String> texts) {
        AtomicFile.write(file, encode(image, texts));
    }

    /**
     * A PNG file.
     *
     * @param texts by keyword, written in the order of the keywords: ASCII as {@code tEXt} chunks, anything else as {@code iTXt}. A
     *     keyword has 1 to 79 printable ASCII characters; a text has no NUL (the format ends keywords with it)
     */
    public static byte[] encode(RgbImage image, Map<String, String> texts) {
        PngImagingParameters parameters = new PngImagingParameters();
        parameters.setForceTrueColor(true); // else an image that happens to be gray becomes a gray file
        parameters.setTextChunks(chunks(texts));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            new PngImageParser().writeImage(BufferedImages.fromRgb(image), out, parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing here leaves memory
        }
        return out.toByteArray();
    }

    private static List<AbstractPngText> chunks(Map<String, String> texts) {
        // Sorted: Map.of has another order in each process, and the same image with the same texts must give the same
        // file.
        return new TreeMap<>(texts)
                .entrySet().stream().map(e -> chunk(e.getKey(), e.getValue())).toList();
    }

    private static AbstractPngText chunk(String keyword, String text) {
        if (keyword.isBlank()
                || keyword.length() > MAX_KEYWORD_CHARS
                || !keyword.chars().allMatch(c -> c >= ' ' && c < 127)) {
            throw new IllegalArgumentException("not a PNG keyword: '" + keyword + "'");
        }
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the text of " + keyword + " contains NUL");
        }
        return StandardCharsets.US_ASCII.newEncoder().canEncode(text)
                ? new AbstractPngText.Text(keyword, text)
                : new AbstractPngText.Itxt(keyword, text, "", keyword);
    }
}
