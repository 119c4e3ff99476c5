package org.imagerl.rewards.ocr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.spi.RgbImage;
import org.junit.jupiter.api.Test;

final class ChwConverterTest {
    private static final float[] MEAN = {0.1f, 0.2f, 0.3f};
    private static final float[] STD = {1, 2, 4};
    private static final RgbImage PIXEL = new RgbImage(1, 1, new byte[] {51, 102, (byte) 255});

    @Test
    void ordersColoursAndNormalisesByPlane() {
        assertThat(planes(OcrConfig.ChannelOrder.RGB).of(PIXEL, 1, 1, 1).values())
                .containsExactly(new float[] {0.1f, 0.1f, 0.175f}, within(1e-6f));
        assertThat(planes(OcrConfig.ChannelOrder.BGR).of(PIXEL, 1, 1, 1).values())
                .containsExactly(new float[] {0.9f, 0.1f, -0.025f}, within(1e-6f));
    }

    @Test
    void padsWithZeroOnTheRight() {
        Tensor tensor = planes(OcrConfig.ChannelOrder.RGB).of(PIXEL, 1, 2, 3);
        assertThat(tensor.shape()).containsExactly(1, 3, 2, 3);
        assertThat(tensor.values()[1]).isZero();
        assertThat(tensor.values()[3]).isCloseTo(0.1f, within(1e-6f));
        assertThat(tensor.values()[5]).isZero();
    }

    @Test
    void resizesBetweenPixelCentres() {
        RgbImage ramp = new RgbImage(2, 1, new byte[] {0, 0, 0, 100, 100, 100});
        float[] values = new ChwConverter(OcrConfig.ChannelOrder.RGB, new float[3], new float[] {1, 1, 1})
                .of(ramp, 4, 1, 4)
                .values();
        assertThat(new float[] {values[0] * 255, values[1] * 255, values[2] * 255, values[3] * 255})
                .containsExactly(new float[] {0, 25, 75, 100}, within(1e-3f));
    }

    @Test
    void givesTheNumbersOfEveryPixelTakenByItself() {
        SplittableRandom random = new SplittableRandom(2);
        for (int round = 0; round < 40; round++) {
            byte[] rgb = new byte[3 * (1 + random.nextInt(20)) * (1 + random.nextInt(20))];
            random.nextBytes(rgb);
            int columns = 1;
            for (int n = 1; n <= 20; n++) {
                columns = rgb.length / 3 % n == 0 && random.nextBoolean() ? n : columns;
            }
            RgbImage image = new RgbImage(columns, rgb.length / 3 / columns, rgb);
            int width = 1 + random.nextInt(30);
            int height = 1 + random.nextInt(30);
            float[] values = planes(OcrConfig.ChannelOrder.BGR)
                    .of(image, width, height, width + 3)
                    .values();
            for (int i = 0; i < values.length; i++) {
                int x = i % (width + 3);
                int y = i / (width + 3) % height;
                int plane = i / (width + 3) / height;
                assertThat(values[i]).isEqualTo(x < width ? pixel(image, width, height, x, y, plane) : 0);
            }
        }
    }

    /** As OpenCV describes it, for one pixel. */
    private static float pixel(RgbImage image, int width, int height, int x, int y, int plane) {
        double column = Math.max(0, Math.min(image.width() - 1, (x + 0.5) * image.width() / width - 0.5));
        double row = Math.max(0, Math.min(image.height() - 1, (y + 0.5) * image.height() / height - 0.5));
        float[] mixed = new float[2];
        for (int i = 0; i < 2; i++) {
            int at = Math.min((int) row + i, image.height() - 1);
            float left = image.at((int) column, at, 2 - plane);
            float right = image.at(Math.min((int) column + 1, image.width() - 1), at, 2 - plane);
            mixed[i] = left + (right - left) * (float) (column - (int) column);
        }
        float value = mixed[0] + (mixed[1] - mixed[0]) * (float) (row - (int) row);
        return value * (1 / (255 * STD[plane])) + -MEAN[plane] / STD[plane];
    }

    private static ChwConverter planes(OcrConfig.ChannelOrder order) {
        return new ChwConverter(order, MEAN, STD);
    }
}
