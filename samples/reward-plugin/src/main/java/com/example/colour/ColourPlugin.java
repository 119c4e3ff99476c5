package com.example.colour;

import java.util.List;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.reward.Rewards;

/** A jar with one reward, which a configuration names {@code {type: colourfulness, divisor: 100}}. */
public final class ColourPlugin implements Plugin {
    /** @param divisor scores are divided by this; above 0 */
    public record Settings(double divisor) {
        public Settings {
            if (!(divisor > 0)) {
                throw new IllegalArgumentException("divisor must be above 0");
            }
        }
    }

    @Override
    public List<Factory<? extends Reward, ?>> rewards() {
        return List.of(Rewards.factory(
                "colourfulness",
                "how colourful an image looks: 0 is gray, above 100 very colourful",
                new Settings(1),
                settings -> image -> colourfulness(image) / settings.divisor()));
    }

    /** Spread and mean of R - G and (R + G) / 2 - B (Hasler and Suesstrunk, Measuring colourfulness in natural images, 2003). */
    static double colourfulness(RgbImage image) {
        double a = 0, b = 0, squares = 0, n = (double) image.width() * image.height();
        for (int i = 0; i < 3 * n; i += 3) {
            int red = image.rgb()[i] & 0xff, green = image.rgb()[i + 1] & 0xff, blue = image.rgb()[i + 2] & 0xff;
            double redGreen = red - green, yellowBlue = (red + green) / 2.0 - blue;
            a += redGreen / n;
            b += yellowBlue / n;
            squares += (redGreen * redGreen + yellowBlue * yellowBlue) / n;
        }
        return Math.sqrt(Math.max(0, squares - a * a - b * b)) + 0.3 * Math.hypot(a, b);
    }
}
