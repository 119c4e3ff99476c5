package org.imagerl.images;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.IIOException;
import org.imagerl.spi.RgbImage;

/**
 * A grid of images with captions under each, for people: sample grids, strips of before and after. Small images are
 * enlarged by an integer factor (every pixel a square), those over {@value #IMAGE_PIXELS} pixels are shrunk. On a machine without
 * fonts the images stand there without words (see {@link Fonts}).
 *
 * @param title above everything, in as many lines as it needs; empty for none
 * @param columnHeaders one per column, each cut after {@value #HEADER_LINES} lines, or empty for none
 * @param columns images in a row, at least 1
 * @param cells row by row; the last row may be short; at least one
 */
public record ContactSheet(String title, List<String> columnHeaders, int columns, List<Cell> cells) {
    /** The longer side of an image on the sheet, at most. */
    public static final int IMAGE_PIXELS = 512;

    private static final int ENLARGED_PIXELS = 192;
    private static final int MIN_COLUMN_PIXELS = 128;
    private static final int MARGIN = 8;
    private static final int CAPTION_LINES = 3;
    private static final int HEADER_LINES = 3;
    /** Of a sheet with a title, so that it is not set in a column of single words. */
    private static final int MIN_TITLED_PIXELS = 320;
    /** A title is written by a program that knows what it says; this is for a prompt or a path in it that has no end. */
    private static final int TITLE_LINES = 20;

    private static final Font TITLE_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 16);
    private static final Font HEADER_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 12);
    private static final Font CAPTION_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

    /**
     * An image and what stands under it.
     *
     * @param captions each begins a new line and takes at most {@value #CAPTION_LINES}; what does not fit is cut with an ellipsis
     */
    public record Cell(RgbImage image, List<String> captions) {
        public Cell {
            image = shrunk(image); // hundreds of large images need not be in memory for one sheet
            captions = List.copyOf(captions);
        }
    }

    public ContactSheet {
        columnHeaders = List.copyOf(columnHeaders);
        cells = List.copyOf(cells);
        if (columns < 1 || cells.isEmpty()) {
            throw new IllegalArgumentException("a sheet needs a column and an image");
        }
        if (!columnHeaders.isEmpty() && columnHeaders.size() != columns) {
            throw new IllegalArgumentException(columnHeaders.size() + " headers for " + columns + " columns");
        }
    }

    /** A sheet without title and headers. */
    public static ContactSheet of(int columns, List<Cell> cells) {
        return new ContactSheet("", List.of(), columns, cells);
    }

    /** Words that were broken into lines. */
    private record Words(List<String> title, List<List<String>> headers, List<List<String>> captions) {}

    /** Sizes in pixels. */
    private record Layout(
            int width,
            int columnWidth,
            int imageHeight,
            int titleHeight,
            int headerHeight,
            int lineHeight,
            Words words) {

        int top() {
            return MARGIN
                    + (words.title.isEmpty() ? 0 : words.title.size() * titleHeight + MARGIN)
                    + lines(words.headers) * headerHeight;
        }

        int captionLines() {
            return lines(words.captions);
        }

        private static int lines(List<List<String>> texts) {
            return texts.stream().mapToInt(List::size).max().orElse(0);
        }

        int rowHeight() {
            return imageHeight + captionLines() * lineHeight + MARGIN;
        }

        int x(int column) {
            return MARGIN + column * (columnWidth + MARGIN);
        }
    }

    /** Draws the sheet, black on white. */
    public RgbImage render() {
        return render(Fonts.found());
    }

    /** The same with or without words. */
    RgbImage render(boolean words) {
        List<BufferedImage> images = cells.stream().map(c -> fitted(c.image)).toList();
        Layout layout = words ? layout(images) : bareLayout(images);
        int rows = (cells.size() + columns - 1) / columns;
        long height = layout.top() + (long) rows * layout.rowHeight();
        if (height * layout.width > ImageDecoder.MAX_PIXELS) {
            throw new IllegalArgumentException(cells.size() + " images are too many for one sheet");
        }
        BufferedImage sheet = new BufferedImage(layout.width, (int) height, BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D g = graphics(sheet);
        drawHeadings(g, layout);
        for (int i = 0; i < cells.size(); i++) {
            int y = layout.top() + i / columns * layout.rowHeight();
            drawCell(g, images.get(i), layout, layout.words.captions.get(i), layout.x(i % columns), y);
        }
        g.dispose();
        return toRgb(sheet);
    }

    private Layout bareLayout(List<BufferedImage> images) {
        List<List<String>> none = cells.stream().map(cell -> List.<String>of()).toList();
        int width = columnWidth(images);
        return new Layout(
                MARGIN + columns * (width + MARGIN),
                width,
                imageHeight(images),
                0,
                0,
                0,
                new Words(List.of(), List.of(), none));
    }

    private static int columnWidth(List<BufferedImage> images) {
        int widest = images.stream().mapToInt(BufferedImage::getWidth).max().orElseThrow();
        return Math.max(MIN_COLUMN_PIXELS, widest);
    }

    private static int imageHeight(List<BufferedImage> images) {
        return images.stream().mapToInt(BufferedImage::getHeight).max().orElseThrow();
    }

    private Layout layout(List<BufferedImage> images) {
        BufferedImage scratch = new BufferedImage(1, 1, BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D g = graphics(scratch);
        FontMetrics titles = g.getFontMetrics(TITLE_FONT);
        FontMetrics headers = g.getFontMetrics(HEADER_FONT);
        FontMetrics captions = g.getFontMetrics(CAPTION_FONT);
        int width = columnWidth(images);
        int whole = Math.max(title.isEmpty() ? 0 : MIN_TITLED_PIXELS, MARGIN + columns * (width + MARGIN));
        Words words = new Words(
                TextWrap.wrap(title, TITLE_LINES, whole - 2 * MARGIN, titles::stringWidth),
                columnHeaders.stream()
                        .map(header -> TextWrap.wrap(header, HEADER_LINES, width, headers::stringWidth))
                        .toList(),
                cells.stream().map(c -> wrapped(c.captions, width, captions)).toList());
        g.dispose();
        return new Layout(
                whole,
                width,
                imageHeight(images),
                titles.getHeight(),
                headers.getHeight(),
                captions.getHeight(),
                words);
    }

    private static List<String> wrapped(List<String> captions, int width, FontMetrics metrics) {
        List<String> lines = new ArrayList<>();
        for (String caption : captions) {
            lines.addAll(TextWrap.wrap(caption, CAPTION_LINES, width, metrics::stringWidth));
        }
        return lines;
    }

    private static void drawHeadings(Graphics2D g, Layout layout) {
        drawLines(g, TITLE_FONT, layout.words.title, MARGIN, MARGIN, layout.titleHeight);
        int y = layout.top() - Layout.lines(layout.words.headers) * layout.headerHeight;
        for (int i = 0; i < layout.words.headers.size(); i++) {
            drawLines(g, HEADER_FONT, layout.words.headers.get(i), layout.x(i), y, layout.headerHeight);
        }
    }

    private static void drawCell(
            Graphics2D g, BufferedImage image, Layout layout, List<String> captions, int x, int y) {
        g.drawImage(image, x, y, null);
        drawLines(g, CAPTION_FONT, captions, x, y + layout.imageHeight, layout.lineHeight);
    }

    /** Draws lines below each other, the top of the first at y. */
    private static void drawLines(Graphics2D g, Font font, List<String> lines, int x, int y, int lineHeight) {
        for (int i = 0; i < lines.size(); i++) {
            g.setFont(font);
            g.drawString(
                    lines.get(i), x, y + i * lineHeight + g.getFontMetrics().getAscent());
        }
    }

    private static Graphics2D graphics(BufferedImage on) {
        Graphics2D g = on.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, on.getWidth(), on.getHeight());
        g.setColor(Color.BLACK);
        return g;
    }

    private static BufferedImage fitted(RgbImage image) {
        int longer = Math.max(image.width(), image.height());
        return BufferedImages.fromRgb(enlarged(image, Math.max(1, ENLARGED_PIXELS / longer)));
    }

    private static RgbImage shrunk(RgbImage image) {
        int longer = Math.max(image.width(), image.height());
        return longer <= IMAGE_PIXELS
                ? image
                : PilResize.bicubic(image, scaled(image.width(), longer), scaled(image.height(), longer));
    }

    private static int scaled(int side, int longer) {
        return Math.max(1, side * IMAGE_PIXELS / longer);
    }

    private static RgbImage enlarged(RgbImage image, int factor) {
        int width = image.width() * factor;
        int height = image.height() * factor;
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0, to = 0; y < height; y++) {
            for (int x = 0; x < width; x++, to += 3) {
                System.arraycopy(image.rgb(), (y / factor * image.width() + x / factor) * 3, rgb, to, 3);
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private static RgbImage toRgb(BufferedImage sheet) {
        try {
            return BufferedImages.toRgb(sheet);
        } catch (IIOException e) {
            throw new IllegalStateException(e); // a sheet is plain RGB
        }
    }
}
