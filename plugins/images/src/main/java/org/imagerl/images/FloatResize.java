package org.imagerl.images;

import org.imagerl.spi.RgbImage;

/**
 * PyTorch's resize with antialias of an image as float32 in [0, 1]: Pillow's kernels without its rounding to bytes, so that cubic
 * values can leave the range a little. What scorers do that convert to tensors before they resize (HPSv2).
 *
 * <p>Source: PyTorch, aten/src/ATen/native/cpu/UpSampleKernel.cpp, {@code _compute_index_ranges_weights} with antialias.
 */
public final class FloatResize {
    private static final int CHANNELS = 3;

    private FloatResize() {}

    /**
     * Resizes.
     *
     * @param width of the result, at least 1
     * @param height of the result, at least 1
     * @return float32 [3, height, width], in about [0, 1]
     */
    public static float[] resize(RgbImage image, int width, int height, ResizeFilter filter) {
        ResizeFilter.Window[] columns = filter.windows(image.width(), width);
        ResizeFilter.Window[] rows = filter.windows(image.height(), height);
        float[] result = new float[CHANNELS * height * width];
        float[] wide = new float[image.height() * width];
        for (int channel = 0; channel < CHANNELS; channel++) {
            for (int y = 0; y < image.height(); y++) {
                for (int x = 0; x < width; x++) {
                    wide[y * width + x] = alongRow(image, y, channel, columns[x]);
                }
            }
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    result[(channel * height + y) * width + x] = alongColumn(wide, width, x, rows[y]);
                }
            }
        }
        return result;
    }

    private static float alongRow(RgbImage image, int y, int channel, ResizeFilter.Window window) {
        double sum = 0;
        for (int i = 0; i < window.weights().length; i++) {
            sum += window.weights()[i] * image.at(window.first() + i, y, channel);
        }
        return (float) (sum / 255);
    }

    private static float alongColumn(float[] values, int width, int x, ResizeFilter.Window window) {
        double sum = 0;
        for (int i = 0; i < window.weights().length; i++) {
            sum += window.weights()[i] * values[(window.first() + i) * width + x];
        }
        return (float) sum;
    }
}
