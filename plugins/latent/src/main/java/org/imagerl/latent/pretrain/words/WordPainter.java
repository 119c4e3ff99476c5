package org.imagerl.latent.pretrain.words;

import java.awt.Font;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.List;
import java.util.Random;
import org.imagerl.images.Fonts;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;

/** Paints one word on a coloured ground: outlines of a random font, scaled and placed at fractions of a pixel. */
final class WordPainter {
    private static final int MIN_SIDE = 16;

    /** Pixels that stay free on every side. */
    private static final double MARGIN = 2;

    /** The smallest size as a share of the largest that fits. */
    private static final double MIN_SCALE = 0.75;

    private static final int REFERENCE_POINTS = 100;
    private static final FontRenderContext EXACT = new FontRenderContext(null, true, true);

    private final int width;
    private final int height;
    private final List<Font> fonts;

    WordPainter(int width, int height) {
        if (width < MIN_SIDE || height < MIN_SIDE) {
            throw UserException.input(
                    "word images: " + width + " x " + height + " pixels; expected at least " + MIN_SIDE + " a side");
        }
        this.width = width;
        this.height = height;
        this.fonts = fonts();
    }

    RgbImage paint(String word, Random random) {
        Palette palette = Palette.draw(random);
        Shape outline = place(outline(word, random), random);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            graphics.setPaint(ground(palette, random));
            graphics.fillRect(0, 0, width, height);
            graphics.setPaint(palette.ink());
            graphics.fill(outline);
        } finally {
            graphics.dispose();
        }
        return rgb(image);
    }

    /** Any direction, from edge to edge of the image. */
    private GradientPaint ground(Palette palette, Random random) {
        double angle = random.nextDouble() * 2 * Math.PI;
        float dx = (float) (Math.cos(angle) * width / 2);
        float dy = (float) (Math.sin(angle) * height / 2);
        float x = width / 2f;
        float y = height / 2f;
        return new GradientPaint(x - dx, y - dy, palette.from(), x + dx, y + dy, palette.to());
    }

    private Shape outline(String word, Random random) {
        Font font = fonts.get(random.nextInt(fonts.size()));
        return font.createGlyphVector(EXACT, word).getOutline();
    }

    /** Scales the outline to a random share of the largest size that fits and moves it to a random place. */
    private Shape place(Shape outline, Random random) {
        Rectangle2D box = outline.getBounds2D();
        double roomX = width - 2 * MARGIN;
        double roomY = height - 2 * MARGIN;
        double largest = Math.min(roomX / box.getWidth(), roomY / box.getHeight());
        double scale = largest * (MIN_SCALE + (1 - MIN_SCALE) * random.nextDouble());
        double left = MARGIN + (roomX - scale * box.getWidth()) * random.nextDouble();
        double top = MARGIN + (roomY - scale * box.getHeight()) * random.nextDouble();
        AffineTransform move = AffineTransform.getTranslateInstance(left, top);
        move.scale(scale, scale);
        move.translate(-box.getX(), -box.getY());
        return move.createTransformedShape(outline);
    }

    private static List<Font> fonts() {
        Fonts.require("to paint words with");
        return List.of(
                new Font(Font.SANS_SERIF, Font.PLAIN, REFERENCE_POINTS),
                new Font(Font.SANS_SERIF, Font.BOLD, REFERENCE_POINTS),
                new Font(Font.SERIF, Font.PLAIN, REFERENCE_POINTS),
                new Font(Font.SERIF, Font.BOLD, REFERENCE_POINTS),
                new Font(Font.MONOSPACED, Font.PLAIN, REFERENCE_POINTS),
                new Font(Font.MONOSPACED, Font.BOLD, REFERENCE_POINTS));
    }

    private RgbImage rgb(BufferedImage image) {
        byte[] bgr = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
        byte[] rgb = new byte[bgr.length];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = bgr[i + 2];
            rgb[i + 1] = bgr[i + 1];
            rgb[i + 2] = bgr[i];
        }
        return new RgbImage(width, height, rgb);
    }
}
