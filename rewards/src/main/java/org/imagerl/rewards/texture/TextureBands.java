package org.imagerl.rewards.texture;

import org.imagerl.spi.RgbImage;

/**
 * The texture of an image as numbers: the logarithm of the mean energy in each band of a Haar wavelet decomposition (Mallat, A Theory for
 * Multiresolution Signal Decomposition: The Wavelet Representation, 1989), of luma and of two colour differences, at {@value #LEVELS} levels and in three
 * orientations. Noise, grids and over-smooth images differ from others here, whatever they show.
 */
final class TextureBands {
    static final int LEVELS = 4;
    /** Images with a shorter side do not have all levels. */
    static final int MIN_SIDE = 1 << LEVELS;

    static final int COUNT = LEVELS * 3 * 3;
    /** About the energy of rounding to 8 bits, on a scale of 0 to 255: below it there is nothing to tell apart. */
    private static final double FLOOR = 1.0 / 12;

    private TextureBands() {}

    /** {@value #COUNT} numbers. */
    static double[] of(RgbImage image) {
        double[] bands = new double[COUNT];
        for (int channel = 0; channel < 3; channel++) {
            double[][] plane = plane(image, channel);
            for (int level = 0; level < LEVELS; level++) {
                plane = split(plane, bands, (channel * LEVELS + level) * 3);
            }
        }
        return bands;
    }

    /** Luma, red - luma, blue - luma. */
    private static double[][] plane(RgbImage image, int channel) {
        double[][] plane = new double[image.height()][image.width()];
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                double luma = 0.299 * image.at(x, y, 0) + 0.587 * image.at(x, y, 1) + 0.114 * image.at(x, y, 2);
                plane[y][x] = channel == 0 ? luma : image.at(x, y, channel == 1 ? 0 : 2) - luma;
            }
        }
        return plane;
    }

    /** Puts the energies of the three detail bands where they belong and returns the means of 2 x 2 pixels; an odd row or column is left out. */
    private static double[][] split(double[][] plane, double[] bands, int at) {
        int height = plane.length / 2;
        int width = plane[0].length / 2;
        double[][] coarse = new double[height][width];
        double[] energy = new double[3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double a = plane[2 * y][2 * x];
                double b = plane[2 * y][2 * x + 1];
                double c = plane[2 * y + 1][2 * x];
                double d = plane[2 * y + 1][2 * x + 1];
                coarse[y][x] = (a + b + c + d) / 4;
                energy[0] += square((a - b + c - d) / 2);
                energy[1] += square((a + b - c - d) / 2);
                energy[2] += square((a - b - c + d) / 2);
            }
        }
        for (int i = 0; i < 3; i++) {
            bands[at + i] = Math.log(FLOOR + energy[i] / (width * height));
        }
        return coarse;
    }

    private static double square(double x) {
        return x * x;
    }
}
