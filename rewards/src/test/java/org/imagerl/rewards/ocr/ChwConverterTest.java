package org.imagerl.rewards.ocr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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

    private static ChwConverter planes(OcrConfig.ChannelOrder order) {
        return new ChwConverter(order, MEAN, STD);
    }
}
