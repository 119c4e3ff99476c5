package org.imagerl.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurvesTest {
    @TempDir
    private Path folder;

    @Test
    void everyPanelWithDataIsDrawnOnOneImage() {
        List<MetricsLog.Row> rows = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            rows.add(new MetricsLog.Row(
                    2L * i,
                    Map.of(
                            "reward_mean",
                            0.5 + 0.01 * i,
                            "reward_std",
                            0.1,
                            "clip_fraction",
                            Double.NaN,
                            "grad_norm",
                            1.0)));
        }
        rows.add(new MetricsLog.Row(60, Map.of("evaluation_reward_mean", 0.7)));
        RgbImage image = draw(rows);
        assertThat(image.width()).isEqualTo(2 * 560);
        assertThat(image.height()).isEqualTo(2 * 320);
        assertThat(blues(image, 0, 0)).as("the band of the first panel").isGreaterThan(5_000);
        assertThat(blues(image, 0, 320)).as("the line of the third panel").isBetween(100, 5_000);
        assertThat(blues(image, 560, 320)).as("no fourth panel").isZero();
    }

    @Test
    void aSinglePointIsVisible() {
        assertThat(blues(draw(List.of(new MetricsLog.Row(0, Map.of("grad_norm", 0.0)))), 0, 0))
                .isPositive();
    }

    @Test
    void labelsOfManyEpochsDoNotRunTogether() {
        List<MetricsLog.Row> rows = new ArrayList<>();
        for (int i = 1; i <= 850; i++) {
            rows.add(new MetricsLog.Row(i, Map.of("grad_norm", Math.sqrt(i))));
        }
        RgbImage image = draw(rows);
        int inked = 0;
        for (int x = 0; x < image.width(); x++) {
            inked += inked(image, x) ? 1 : 0;
        }
        assertThat(inked).as("columns of the labels below the axis").isBetween(20, 200);
    }

    private static boolean inked(RgbImage image, int x) {
        for (int y = 279; y < 290; y++) {
            if (image.at(x, y, 1) < 100) {
                return true;
            }
        }
        return false;
    }

    @Test
    void nothingToDrawIsSaid() {
        assertThatThrownBy(() -> draw(List.of(new MetricsLog.Row(0, Map.of("other", 1.0)))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no metrics to draw");
        assertThat(Files.exists(folder.resolve("c.png"))).isFalse();
    }

    private RgbImage draw(List<MetricsLog.Row> rows) {
        Path file = folder.resolve("c.png");
        Curves.write(file, rows, Curves.USUAL);
        return ImageDecoder.decode(file);
    }

    /** Pixels of a panel that are clearly more blue than red. */
    private static int blues(RgbImage image, int left, int top) {
        int blues = 0;
        for (int y = top; y < top + 320; y++) {
            for (int x = left; x < left + 560; x++) {
                blues += image.at(x, y, 2) - image.at(x, y, 0) > 20 ? 1 : 0;
            }
        }
        return blues;
    }
}
