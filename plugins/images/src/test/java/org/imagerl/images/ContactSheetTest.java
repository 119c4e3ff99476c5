package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;

final class ContactSheetTest {
    private static final int MARGIN = 8;

    @Test
    void showsEveryPixelOfASmallImageAsASquare() {
        RgbImage tiny = TestImages.noise(64, 32, 1);
        RgbImage sheet = ContactSheet.of(1, List.of(cell(tiny))).render();
        for (int y = 0; y < 96; y++) {
            for (int x = 0; x < 192; x++) {
                assertThat(sheet.at(MARGIN + x, MARGIN + y, 1)).isEqualTo(tiny.at(x / 3, y / 3, 1));
            }
        }
    }

    @Test
    void shrinksLargeImages() {
        RgbImage sheet = ContactSheet.of(1, List.of(cell(TestImages.gradient(1024, 600))))
                .render();
        assertThat(sheet.width()).isEqualTo(512 + 2 * MARGIN);
        assertThat(sheet.height()).isEqualTo(300 + 2 * MARGIN);
    }

    @Test
    void writesCaptionsUnderTheImageAndHeadingsAbove() {
        RgbImage image = TestImages.gradient(192, 192);
        RgbImage plain = ContactSheet.of(2, List.of(cell(image), cell(image))).render();
        RgbImage captioned = new ContactSheet(
                        "Samples",
                        List.of("before", "after"),
                        2,
                        List.of(cell(image, "a sign", "0.50"), cell(image, "a sign", "0.75")))
                .render();
        assertThat(captioned.width()).isEqualTo(plain.width());
        int top = firstRowOf(captioned, image);
        assertThat(darkPixels(captioned, 0, top)).as("heading").isGreaterThan(20);
        assertThat(darkPixels(captioned, top + 192, captioned.height()))
                .as("captions")
                .isGreaterThan(20);
        assertThat(darkPixels(plain, MARGIN + 192, plain.height())).isZero();
    }

    @Test
    void makesRoomForLongCaptionsOnlyUpToThreeLines() {
        RgbImage image = TestImages.gradient(192, 192);
        int three = ContactSheet.of(1, List.of(cell(image, "word ".repeat(14))))
                .render()
                .height();
        int hundred = ContactSheet.of(1, List.of(cell(image, "word ".repeat(400))))
                .render()
                .height();
        int one = ContactSheet.of(1, List.of(cell(image, "word"))).render().height();
        assertThat(hundred).isEqualTo(three).isGreaterThan(one);
    }

    @Test
    void writesALongTitleInAsManyLinesAsItNeeds() {
        RgbImage image = TestImages.gradient(192, 192);
        int before = 0;
        for (int words : new int[] {1, 20, 40, 80}) {
            RgbImage sheet = new ContactSheet("word ".repeat(words), List.of(), 1, List.of(cell(image))).render();
            int top = firstRowOf(sheet, image);
            assertThat(darkPixels(sheet, 0, top)).as("letters").isGreaterThan(words * 40);
            assertThat(top).isGreaterThan(before);
            before = top;
        }
    }

    @Test
    void withoutFontsTheImagesStandThereWithoutWords() {
        RgbImage image = TestImages.gradient(192, 192);
        List<ContactSheet.Cell> captioned = List.of(cell(image, "a sign", "0.50"), cell(image, "b"));
        RgbImage bare = new ContactSheet("Title", List.of("before", "after"), 2, captioned).render(false);
        RgbImage plain = ContactSheet.of(2, List.of(cell(image), cell(image))).render();
        assertThat(bare.width()).isEqualTo(plain.width());
        assertThat(bare.rgb()).isEqualTo(plain.rgb());
    }

    @Test
    void leavesTheLastRowShort() {
        RgbImage image = TestImages.gradient(192, 192);
        RgbImage three = ContactSheet.of(2, List.of(cell(image), cell(image), cell(image)))
                .render();
        RgbImage four = ContactSheet.of(2, List.of(cell(image), cell(image), cell(image), cell(image)))
                .render();
        assertThat(three.height()).isEqualTo(four.height());
        assertThat(three.at(MARGIN + 200 + 50, MARGIN + 200 + 50, 0)).isEqualTo(255);
    }

    @Test
    void refusesHeadersThatDoNotMatchTheColumns() {
        assertThatThrownBy(() -> new ContactSheet("", List.of("a"), 2, List.of(cell(TestImages.gradient(2, 2)))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static ContactSheet.Cell cell(RgbImage image, String... captions) {
        return new ContactSheet.Cell(image, List.of(captions));
    }

    private static int firstRowOf(RgbImage sheet, RgbImage image) {
        for (int y = 0; y < sheet.height(); y++) {
            if (sheet.at(MARGIN + 150, y, 0) == image.at(150, 0, 0)
                    && sheet.at(MARGIN + 150, y, 1) == image.at(150, 0, 1)) {
                return y;
            }
        }
        throw new AssertionError("the image is not on the sheet");
    }

    private static int darkPixels(RgbImage sheet, int fromRow, int toRow) {
        int dark = 0;
        for (int y = fromRow; y < toRow; y++) {
            for (int x = 0; x < sheet.width(); x++) {
                dark += sheet.at(x, y, 0) < 100 ? 1 : 0;
            }
        }
        return dark;
    }
}
