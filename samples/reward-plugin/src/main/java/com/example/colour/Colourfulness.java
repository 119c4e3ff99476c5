package com.example.colour;

import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;

/**
 * Mean and spread of the opponent colours {@code a = R - G} and {@code b = (R + G) / 2 - B}:
 * {@code sqrt(var a + var b) + 0.3 sqrt(mean(a)^2 + mean(b)^2)} (Hasler and Suesstrunk, Measuring colourfulness in natural images,
 * 2003).
 */
final class Colourfulness implements Reward {
    private final double divisor;

    Colourfulness(double divisor) {
        this.divisor = divisor;
    }

    @Override
    public Spec spec() {
        return new Spec(Scope.POINTWISE, 0, Double.POSITIVE_INFINITY, true, "colourfulness");
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return images.stream().map(image -> Score.of(of(image) / divisor)).toList();
    }

    private static double of(RgbImage image) {
        double n = (double) image.width() * image.height();
        double a = 0, b = 0, squares = 0;
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                double redGreen = image.at(x, y, 0) - image.at(x, y, 1);
                double yellowBlue = (image.at(x, y, 0) + image.at(x, y, 1)) / 2.0 - image.at(x, y, 2);
                a += redGreen / n;
                b += yellowBlue / n;
                squares += (redGreen * redGreen + yellowBlue * yellowBlue) / n;
            }
        }
        double mean = a * a + b * b;
        return Math.sqrt(Math.max(0, squares - mean)) + 0.3 * Math.sqrt(mean);
    }
}
