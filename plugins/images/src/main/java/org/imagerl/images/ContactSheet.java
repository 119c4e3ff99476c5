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
 * A grid of pictures with captions under each, for people: sample grids, strips of before and after. Small pictures are
 * enlarged by an integer factor (every pixel a square), those over {@value #PICTURE_PIXELS} pixels are shrunk.
 *
 * @param title above everything; empty for none
 * @param columnHeaders one per column, or empty for none
 * @param columns pictures in a row, at least 1
 * @param cells row by row; the last row may be short; at least one
 */
public record ContactSheet(String title, List<String> columnHeaders, int columns, List<Cell> cells) {
    /** The longer side of a picture on the sheet, at most. */
    public static final int PICTURE_PIXELS = 512;

    private static final int ENLARGED_PIXELS = 192;
    private static final int MIN_COLUMN_PIXELS = 128;
    private static final int MARGIN = 8;
    private static final int CAPTION_LINES = 3;
    private static final Font TITLE_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 16);
    private static final Font HEADER_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 12);
    private static final Font CAPTION_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

    /**
     * A picture and what stands under it.
     *
     * @param captions each begins a new line and takes at most {@value #CAPTION_LINES}; what does not fit is cut with an ellipsis
     */
    public record Cell(RgbImage image, List<String> captions) {
        public Cell {
            captions = List.copyOf(captions);
        }
    }

    public ContactSheet {
        columnHeaders = List.copyOf(columnHeaders);
        cells = List.copyOf(cells);
        if (columns < 1 || cells.isEmpty()) {
            throw new IllegalArgumentException("a sheet needs a column and a picture");
        }
        if (!columnHeaders.isEmpty() && columnHeaders.size() != columns) {
            throw new IllegalArgumentException(columnHeaders.size() + " headers for " + columns + " columns");
        }
    }

    /** A sheet without title and headers. */
    public static ContactSheet of(int columns, List<Cell> cells) {
        return new ContactSheet("", List.of(), columns, cells);
    }

    /** Sizes in pixels. {@code captions} has the wrapped lines of each cell. */
    private record Layout(int columnWidth, int pictureHeight, int lineHeight, int top, List<List<String>> captions) {

        int captionLines() {
            return captions.stream().mapToInt(List::size).max().orElse(0);
        }

        int rowHeight() {
            return pictureHeight + captionLines() * lineHeight + MARGIN;
        }

        int x(int column) {
            return MARGIN + column * (columnWidth + MARGIN);
        }
    }

    /** Draws the sheet, black on white. */
    public RgbImage render() {
        List<BufferedImage> pictures = cells.stream().map(c -> fitted(c.image)).toList();
        Layout layout = layout(pictures);
        int rows = (cells.size() + columns - 1) / columns;
        long height = layout.top + (long) rows * layout.rowHeight();
        if (height * layout.x(columns) > ImageDecoder.MAX_PIXELS) {
            throw new IllegalArgumentException(cells.size() + " pictures are too many for one sheet");
        }
        BufferedImage sheet = new BufferedImage(layout.x(columns), (int) height, BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D g = graphics(sheet);
        drawHeadings(g, layout);
        for (int i = 0; i < cells.size(); i++) {
            int y = layout.top + i / columns * layout.rowHeight();
            drawCell(g, pictures.get(i), layout, layout.captions.get(i), layout.x(i % columns), y);
        }
        g.dispose();
        return toRgb(sheet);
    }

    private Layout layout(List<BufferedImage> pictures) {
        BufferedImage scratch = new BufferedImage(1, 1, BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D g = graphics(scratch);
        FontMetrics metrics = g.getFontMetrics(CAPTION_FONT);
        int width = Math.max(
                MIN_COLUMN_PIXELS,
                pictures.stream().mapToInt(BufferedImage::getWidth).max().orElseThrow());
        int height = pictures.stream().mapToInt(BufferedImage::getHeight).max().orElseThrow();
        int top = MARGIN
                + (title.isEmpty() ? 0 : g.getFontMetrics(TITLE_FONT).getHeight() + MARGIN)
                + (columnHeaders.isEmpty() ? 0 : g.getFontMetrics(HEADER_FONT).getHeight());
        List<List<String>> captions =
                cells.stream().map(c -> wrapped(c.captions, width, metrics)).toList();
        g.dispose();
        return new Layout(width, height, metrics.getHeight(), top, captions);
    }

    private static List<String> wrapped(List<String> captions, int width, FontMetrics metrics) {
        List<String> lines = new ArrayList<>();
        for (String caption : captions) {
            lines.addAll(TextWrap.wrap(caption, CAPTION_LINES, width, metrics::stringWidth));
        }
        return lines;
    }

    private void drawHeadings(Graphics2D g, Layout layout) {
        int y = MARGIN;
        if (!title.isEmpty()) {
            drawLine(g, TITLE_FONT, title, MARGIN, y, layout.x(columns) - 2 * MARGIN);
            y += g.getFontMetrics(TITLE_FONT).getHeight() + MARGIN;
        }
        for (int i = 0; i < columnHeaders.size(); i++) {
            drawLine(g, HEADER_FONT, columnHeaders.get(i), layout.x(i), y, layout.columnWidth);
        }
    }

    private static void drawCell(
            Graphics2D g, BufferedImage picture, Layout layout, List<String> captions, int x, int y) {
        g.drawImage(picture, x, y, null);
        for (int i = 0; i < captions.size(); i++) {
            drawLine(
                    g,
                    CAPTION_FONT,
                    captions.get(i),
                    x,
                    y + layout.pictureHeight + i * layout.lineHeight,
                    layout.columnWidth);
        }
    }

    /** Draws one line, its top at y. */
    private static void drawLine(Graphics2D g, Font font, String text, int x, int y, int width) {
        FontMetrics metrics = g.getFontMetrics(font);
        g.setFont(font);
        for (String line : TextWrap.wrap(text, 1, width, metrics::stringWidth)) {
            g.drawString(line, x, y + metrics.getAscent());
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
        if (longer > PICTURE_PIXELS) {
            return BufferedImages.fromRgb(
                    PilResize.bicubic(image, scaled(image.width(), longer), scaled(image.height(), longer)));
        }
        return BufferedImages.fromRgb(enlarged(image, Math.max(1, ENLARGED_PIXELS / longer)));
    }

    private static int scaled(int side, int longer) {
        return Math.max(1, side * PICTURE_PIXELS / longer);
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
