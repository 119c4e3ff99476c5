package org.imagerl.rewards.colour;

import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;

/**
 * The median luma (0.299 R + 0.587 G + 0.114 B, ITU-R BT.601) of the pixels of an image's outermost frame, over 255. The median, so that what
 * reaches into the frame does not count as ground.
 */
final class BrightnessReward implements Reward {
    private static final Spec SPEC = new Spec(Scope.POINTWISE, 0, 1, true, "share of white");

    private final double frame;

    BrightnessReward(double frame) {
        this.frame = frame;
    }

    @Override
    public Spec spec() {
        return SPEC;
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return images.stream().map(image -> Score.of(brightness(image))).toList();
    }

    private double brightness(RgbImage image) {
        int wide = (int) Math.max(1, Math.round(frame * Math.min(image.width(), image.height())));
        double[] luma = new double[image.width() * image.height()];
        int count = 0;
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                int toEdge = Math.min(Math.min(x, image.width() - 1 - x), Math.min(y, image.height() - 1 - y));
                if (toEdge < wide) {
                    luma[count++] = 0.299 * image.at(x, y, 0) + 0.587 * image.at(x, y, 1) + 0.114 * image.at(x, y, 2);
                }
            }
        }
        Arrays.sort(luma, 0, count);
        return Math.min(1, (luma[(count - 1) / 2] + luma[count / 2]) / 2 / 255);
    }
}
