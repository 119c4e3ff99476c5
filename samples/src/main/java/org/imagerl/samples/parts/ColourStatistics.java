package org.imagerl.samples.parts;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.Features;
import org.imagerl.spi.RgbImage;

/** The mean and the standard deviation of red, green and blue: what a classifier needs to tell colours, and nothing else. */
final class ColourStatistics implements Features {
    private static final int CHANNELS = 3;

    @Override
    public int width() {
        return 2 * CHANNELS;
    }

    @Override
    public List<Path> files() {
        return List.of(); // a model would name its files, to whose hashes a classifier is tied
    }

    @Override
    public float[][] of(List<RgbImage> images) {
        return images.stream().map(ColourStatistics::vector).toArray(float[][]::new);
    }

    private static float[] vector(RgbImage image) {
        double[] sums = new double[CHANNELS];
        double[] squares = new double[CHANNELS];
        for (int i = 0; i < image.rgb().length; i++) {
            double level = (image.rgb()[i] & 0xff) / 255.0;
            sums[i % CHANNELS] += level;
            squares[i % CHANNELS] += level * level;
        }
        double pixels = (double) image.width() * image.height();
        float[] vector = new float[2 * CHANNELS];
        for (int channel = 0; channel < CHANNELS; channel++) {
            double mean = sums[channel] / pixels;
            vector[channel] = (float) mean;
            vector[CHANNELS + channel] = (float) Math.sqrt(Math.max(0, squares[channel] / pixels - mean * mean));
        }
        return vector;
    }
}
