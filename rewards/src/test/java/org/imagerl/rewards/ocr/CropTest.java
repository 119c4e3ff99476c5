package org.imagerl.rewards.ocr;

import static org.assertj.core.api.Assertions.assertThat;

import org.imagerl.rewards.ocr.Quad.Point;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;

final class CropTest {
    private static final RgbImage IMAGE = TestImages.noise(40, 30, 1);

    @Test
    void copiesAnUprightBox() {
        RgbImage crop = Crop.of(IMAGE, box(5, 7, 25, 17));
        assertThat(crop.width()).isEqualTo(20);
        assertThat(crop.height()).isEqualTo(10);
        for (int y = 0; y < 10; y++) {
            for (int x = 0; x < 20; x++) {
                assertThat(crop.at(x, y, 2)).isEqualTo(IMAGE.at(5 + x, 7 + y, 2));
            }
        }
    }

    @Test
    void turnsAHighBoxAgainstTheClock() {
        RgbImage crop = Crop.of(IMAGE, box(5, 2, 15, 22));
        assertThat(crop.width()).isEqualTo(20);
        assertThat(crop.height()).isEqualTo(10);
        assertThat(crop.at(0, 0, 0)).isEqualTo(IMAGE.at(14, 2, 0)); // top right comes to the top left
        assertThat(crop.at(0, 9, 0)).isEqualTo(IMAGE.at(5, 2, 0)); // top left comes to the bottom left
        assertThat(crop.at(19, 9, 0)).isEqualTo(IMAGE.at(5, 21, 0));
    }

    @Test
    void straightensATiltedBox() {
        RgbImage ramp = TestImages.gradient(40, 30);
        Quad tilted = new Quad(new Point(4, 4), new Point(28, 11), new Point(26, 18), new Point(2, 11));
        RgbImage crop = Crop.of(ramp, tilted);
        assertThat(crop.width()).isEqualTo(25);
        assertThat(crop.height()).isEqualTo(7);
        assertThat(crop.at(0, 0, 0)).isEqualTo(ramp.at(4, 4, 0));
        assertThat(crop.at(24, 0, 0)).isBetween(ramp.at(26, 11, 0), ramp.at(28, 11, 0));
        assertThat(crop.at(24, 0, 1)).isBetween(ramp.at(28, 10, 1), ramp.at(28, 11, 1));
    }

    @Test
    void goesOnWithTheBorderOutsideTheImage() {
        RgbImage crop = Crop.of(IMAGE, box(-10, 0, 10, 10));
        assertThat(crop.at(0, 3, 1)).isEqualTo(IMAGE.at(0, 3, 1));
    }

    private static Quad box(double left, double top, double right, double bottom) {
        return new Quad(new Point(left, top), new Point(right, top), new Point(right, bottom), new Point(left, bottom));
    }
}
