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

    /** Where rows or columns of the result lie between two of the image, each: {@code weight} is the share of {@code high}. */
    private record Between(int[] low, int[] high, float... weight) {}

    /**
     * The input tensor.
     *
     * @param width of the resized image, pixels
     * @param paddedWidth of the result; what lies right of the image is 0
     * @return float32 [1, 3, height, paddedWidth]
     */
    Tensor of(RgbImage image, int width, int height, int paddedWidth) {
        Between rows = between(image.height(), height);
        Between columns = between(image.width(), width);
        float[] values = new float[3 * height * paddedWidth];
        for (int plane = 0; plane < 3; plane++) {
            int channel = order == OcrConfig.ChannelOrder.RGB ? plane : 2 - plane;
            plane(image, channel, rows, columns, plane, values, paddedWidth);
        }
        return new Tensor(values, new long[] {1, 3, height, paddedWidth});
    }

    /** Rows of the image are widened once, however many rows of the result lie beside them. */
    private void plane(
            RgbImage image, int channel, Between rows, Between columns, int plane, float[] values, int paddedWidth) {
        float scale = 1 / (255 * std[plane]);
        float offset = -mean[plane] / std[plane];
        int height = rows.low.length;
        int width = columns.low.length;
        float[] upper = new float[width];
        float[] lower = new float[width];
        int upperRow = -1;
        int lowerRow = -1;
        for (int y = 0; y < height; y++) {
            if (rows.low[y] != upperRow && rows.low[y] == lowerRow) {
                float[] free = upper;
                upper = lower;
                lower = free;
                lowerRow = -1;
            } else if (rows.low[y] != upperRow) {
                widen(image, rows.low[y], channel, columns, upper);
            }
            upperRow = rows.low[y];
            if (rows.high[y] != lowerRow) {
                lowerRow = rows.high[y];
                widen(image, lowerRow, channel, columns, lower);
            }
            int start = (plane * height + y) * paddedWidth;
            float weight = rows.weight[y];
            for (int x = 0; x < width; x++) {
                values[start + x] = mix(upper[x], lower[x], weight) * scale + offset;
            }
        }
    }

    private static void widen(RgbImage image, int row, int channel, Between columns, float[] wide) {
        byte[] rgb = image.rgb();
        int start = 3 * row * image.width() + channel;
        for (int x = 0; x < wide.length; x++) {
            int low = rgb[start + 3 * columns.low[x]] & 0xff;
            int high = rgb[start + 3 * columns.high[x]] & 0xff;
            wide[x] = mix(low, high, columns.weight[x]);
        }
    }

    private static float mix(float a, float b, float share) {
        return a + (b - a) * share;
    }

    private static Between between(int from, int to) {
        Between result = new Between(new int[to], new int[to], new float[to]);
        for (int i = 0; i < to; i++) {
            double at = Math.max(0, Math.min(from - 1, (i + 0.5) * from / to - 0.5));
            int low = (int) at;
            result.low[i] = low;
            result.high[i] = Math.min(low + 1, from - 1);
            result.weight[i] = (float) (at - low);
        }
        return result;
    }
}
