package org.imagerl.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Charts without letters. */
class PlainChartTest {
    private static final List<Color> COLOURS = List.of(Color.RED, Color.BLUE);

    @Test
    void aRisingLineGoesFromTheLowerLeftToTheUpperRight() {
        Chart.Line rising = new Chart.Line("up", List.of(new Chart.Point(0, 0, 0), new Chart.Point(10, 5, 0)));
        Chart.Line flat = new Chart.Line("flat", List.of(new Chart.Point(0, 5, 0), new Chart.Point(10, 5, 0)));
        BufferedImage image = PlainChart.draw(new Chart("t", "x", List.of(rising, flat)), 200, 100, COLOURS);
        assertThat(colour(image, 24, 75)).isEqualTo(Color.RED);
        assertThat(colour(image, 100, 24)).isEqualTo(Color.BLUE);
        assertThat(colour(image, 5, 5)).isEqualTo(Color.WHITE);
    }

    @Test
    void onePointIsADotInTheFrame() {
        Chart.Line point = new Chart.Line("one", List.of(new Chart.Point(3, 7, 0)));
        BufferedImage image = PlainChart.draw(new Chart("t", "x", List.of(point)), 200, 100, COLOURS);
        assertThat(colour(image, 24, 76)).isEqualTo(Color.RED);
    }

    private static Color colour(BufferedImage image, int x, int y) {
        return new Color(image.getRGB(x, y));
    }
}
