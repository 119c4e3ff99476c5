package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;

final class PilResizeTest {

    @Test
    void leavesAImageOfTheRightSizeAsItIs() {
        RgbImage image = TestImages.noise(17, 9, 3);
        assertThat(PilResize.bicubic(image, 17, 9).rgb()).isEqualTo(image.rgb());
    }

    @Test
    void keepsFlatColourWhenShrinkingAndEnlarging() {
        byte[] flat = new byte[30 * 20 * 3];
        Arrays.fill(flat, (byte) 200);
        RgbImage image = new RgbImage(30, 20, flat);
        assertThat(PilResize.bicubic(image, 7, 3).rgb()).containsOnly(200);
        assertThat(PilResize.bicubic(image, 101, 77).rgb()).containsOnly(200);
    }

    @Test
    void enlargesAnEdgeWithTheOvershootOfTheCubicKernelClipped() {
        RgbImage edge = new RgbImage(2, 1, new byte[] {0, 0, 0, (byte) 255, (byte) 255, (byte) 255});
        RgbImage wide = PilResize.bicubic(edge, 4, 1);
        // At 1/4 and 3/4 of a pixel from the edge: weights (0.8671875, 0.2265625) and the like, cut at the border,
        // normalised.
        assertThat(new int[] {wide.at(0, 0, 0), wide.at(1, 0, 0), wide.at(2, 0, 0), wide.at(3, 0, 0)})
                .containsExactly(0, 53, 202, 255);
    }

    @Test
    void truncatesTheLongerSide() {
        RgbImage resized = PilResize.shortestEdge(TestImages.gradient(33, 97), 224);
        assertThat(resized.width()).isEqualTo(224);
        assertThat(resized.height()).isEqualTo(658);
    }
}
