package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.imagerl.spi.RgbImage;

/**
 * Images whose float32 sums were made in two orders: in batches of another size, by other threads, on another processor. A value near the
 * middle between two bytes is then rounded to either, so the images are the same within one byte.
 */
public final class CloseImages {
    private CloseImages() {}

    /**
     * Fails, naming the worst pixel, unless two images have the same size and no byte differs by more than one.
     *
     * @param what is compared, for the message
     */
    public static void requireWithinOneByte(String what, RgbImage actual, RgbImage expected) {
        assertThat(actual.width() + " x " + actual.height())
                .as(what)
                .isEqualTo(expected.width() + " x " + expected.height());
        byte[] got = actual.rgb();
        byte[] wanted = expected.rgb();
        int worst = 0;
        for (int i = 0; i < got.length; i++) {
            worst = difference(got, wanted, i) > difference(got, wanted, worst) ? i : worst;
        }
        int pixel = worst / 3;
        assertThat(difference(got, wanted, worst))
                .as("%s: row %d, column %d", what, pixel / actual.width(), pixel % actual.width())
                .isLessThanOrEqualTo(1);
    }

    private static int difference(byte[] a, byte[] b, int i) {
        return Math.abs((a[i] & 0xff) - (b[i] & 0xff));
    }
}
