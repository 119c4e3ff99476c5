package org.imagerl.rewards.ocr;

import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.spi.RgbImage;

/**
 * Turns an image into the input of a network: resized as OpenCV's bilinear {@code resize} does (pixel centres, no smoothing when
 * shrinking), normalised, one plane per colour.
 *
 * @param order the colour of each plane
 * @param mean by plane, subtracted from values in [0, 1]
 * @param std by plane, the divisor after that
 */
record ChwConverter(OcrConfig.ChannelOrder order, float[] mean, float[] std) {

    /** Where a row or column of the result lies between two of the image: {@code weight} is the share of {@code high}. */
    private record Between(int low, int high, float weight) {}

    /**
     * The input tensor.
     *
     * @param width of the resized image, pixels
     * @param paddedWidth of the result; what lies right of the image is 0
     * @return float32 [1, 3, height, paddedWidth]
     */
    Tensor of(RgbImage image, int width, int height, int paddedWidth) {
        Between[] rows = between(image.height(), height);
        Between[] columns = between(image.width(), width);
        float[] values = new float[3 * height * paddedWidth];
        for (int plane = 0; plane < 3; plane++) {
            int channel = order == OcrConfig.ChannelOrder.RGB ? plane : 2 - plane;
            float scale = 1 / (255 * std[plane]);
            float offset = -mean[plane] / std[plane];
            for (int y = 0; y < height; y++) {
                int start = (plane * height + y) * paddedWidth;
                for (int x = 0; x < width; x++) {
                    values[start + x] = sample(image, rows[y], columns[x], channel) * scale + offset;
                }
            }
        }
        return new Tensor(values, new long[] {1, 3, height, paddedWidth});
    }

    private static float sample(RgbImage image, Between row, Between column, int channel) {
        float upper =
                mix(image.at(column.low, row.low, channel), image.at(column.high, row.low, channel), column.weight);
        float lower =
                mix(image.at(column.low, row.high, channel), image.at(column.high, row.high, channel), column.weight);
        return mix(upper, lower, row.weight);
    }

    private static float mix(float a, float b, float share) {
        return a + (b - a) * share;
    }

    private static Between[] between(int from, int to) {
        Between[] result = new Between[to];
        for (int i = 0; i < to; i++) {
            double at = Math.max(0, Math.min(from - 1, (i + 0.5) * from / to - 0.5));
            int low = (int) at;
            result[i] = new Between(low, Math.min(low + 1, from - 1), (float) (at - low));
        }
        return result;
    }
}
