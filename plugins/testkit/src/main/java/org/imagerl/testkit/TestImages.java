package org.imagerl.testkit;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Random;
import org.imagerl.spi.RgbImage;

/** Small images to test with. */
public final class TestImages {

    private TestImages() {}

    /** Red grows to the right, green downwards, blue along the diagonal. */
    public static RgbImage gradient(int width, int height) {
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                rgb[at++] = (byte) (255 * x / width);
                rgb[at++] = (byte) (255 * y / height);
                rgb[at++] = (byte) (255 * (x + y) / (width + height));
            }
        }
        return new RgbImage(width, height, rgb);
    }

    /** Every byte drawn uniformly. */
    public static RgbImage noise(int width, int height, long seed) {
        byte[] rgb = new byte[width * height * 3];
        new Random(seed).nextBytes(rgb);
        return new RgbImage(width, height, rgb);
    }

    /** Black sans-serif letters of half the image's height, centred on a light ground. */
    public static RgbImage text(int width, int height, String text) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(new Color(230, 220, 200));
        g.fillRect(0, 0, width, height);
        g.setColor(Color.BLACK);
        g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, height / 2));
        int left = (width - g.getFontMetrics().stringWidth(text)) / 2;
        g.drawString(
                text,
                left,
                (height - g.getFontMetrics().getHeight()) / 2
                        + g.getFontMetrics().getAscent());
        g.dispose();
        return rgb(image);
    }

    private static RgbImage rgb(BufferedImage image) {
        byte[] rgb = new byte[image.getWidth() * image.getHeight() * 3];
        int at = 0;
        for (int colour : image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth())) {
            rgb[at++] = (byte) (colour >> 16);
            rgb[at++] = (byte) (colour >> 8);
            rgb[at++] = (byte) colour;
        }
        return new RgbImage(image.getWidth(), image.getHeight(), rgb);
    }
}
