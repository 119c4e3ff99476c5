package org.imagerl.latent.pretrain.words;

import java.awt.Color;
import java.util.Random;

/**
 * Colours for one image: a background that may shade from one colour to another, and an ink that stands out from both.
 *
 * @param from background at one end
 * @param to background at the other end, equal to {@code from} for a plain one
 * @param ink colour of the characters
 */
record Palette(Color from, Color to, Color ink) {
    /** What WCAG 2 asks of text: a ratio of luminances, 1 to 21. Black or white reaches 4.58 on any plain colour. */
    static final double MIN_CONTRAST = 4.5;

    private static final int TRIES = 30;

    static Palette draw(Random random) {
        Color from = colour(random);
        boolean plain = random.nextBoolean();
        for (int i = 0; i < TRIES; i++) {
            Color to = plain ? from : between(from, colour(random));
            Palette palette = new Palette(from, to, colour(random));
            if (palette.isLegible()) {
                return palette;
            }
        }
        boolean black = contrast(from, Color.BLACK) > contrast(from, Color.WHITE);
        return new Palette(from, from, black ? Color.BLACK : Color.WHITE);
    }

    /** Whether the ink is darker than the whole background, or lighter than all of it, by enough. */
    boolean isLegible() {
        boolean sameSide = luminance(ink) < luminance(from) == luminance(ink) < luminance(to);
        return sameSide && contrast(ink, from) >= MIN_CONTRAST && contrast(ink, to) >= MIN_CONTRAST;
    }

    private static Color colour(Random random) {
        return new Color(random.nextInt(256), random.nextInt(256), random.nextInt(256));
    }

    /** Halfway, so that the two ends of a ground are seldom too far apart for any ink. */
    private static Color between(Color a, Color b) {
        return new Color(
                (a.getRed() + b.getRed()) / 2, (a.getGreen() + b.getGreen()) / 2, (a.getBlue() + b.getBlue()) / 2);
    }

    /** WCAG 2 contrast ratio. */
    static double contrast(Color a, Color b) {
        double first = luminance(a) + 0.05;
        double second = luminance(b) + 0.05;
        return Math.max(first, second) / Math.min(first, second);
    }

    /** Relative luminance of an sRGB colour, 0 to 1. */
    private static double luminance(Color colour) {
        return 0.2126 * linear(colour.getRed())
                + 0.7152 * linear(colour.getGreen())
                + 0.0722 * linear(colour.getBlue());
    }

    private static double linear(int value) {
        double s = value / 255.0;
        return s <= 0.04045 ? s / 12.92 : Math.pow((s + 0.055) / 1.055, 2.4);
    }
}
