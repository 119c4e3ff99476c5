package org.imagerl.rewards.colour;

import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;

/**
 * How far an image is from the others of its prompt, pixel by pixel: the mean, over the others, of the root of the mean squared difference of red, green and blue,
 * over 255. It knows no meaning: an image moved by a few pixels is another one. It needs no model, and shows a policy that makes the same image again and again.
 */
public final class PixelDiversity implements Factory<Reward, PixelDiversity.Config> {

    /** There is nothing to set. */
    public record Config() {}

    @Override
    public String name() {
        return "pixel-diversity";
    }

    @Override
    public String description() {
        return "distance of an image from the others of its prompt, pixel by pixel, 0 (equal) to 1; needs no model";
    }

    @Override
    public Config defaults() {
        return new Config();
    }

    @Override
    public Reward create(Config config, Context context) {
        return new Distances();
    }

    private static final class Distances implements Reward {
        private static final Spec SPEC = new Spec(Scope.GROUPWISE, 0, 1, true, "share of the way from black to white");

        @Override
        public Spec spec() {
            return SPEC;
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            return IntStream.range(0, images.size())
                    .mapToObj(i -> score(images, i))
                    .toList();
        }

        private static Score score(List<RgbImage> images, int i) {
            RgbImage image = images.get(i);
            OptionalDouble mean = IntStream.range(0, images.size())
                    .filter(other -> other != i)
                    .mapToObj(images::get)
                    .filter(other -> other.width() == image.width() && other.height() == image.height())
                    .mapToDouble(other -> distance(image.rgb(), other.rgb()))
                    .average();
            return mean.isPresent()
                    ? Score.of(mean.getAsDouble())
                    : Score.failed("an image alone has no diversity: sample at least two of one size per prompt");
        }

        private static double distance(byte[] one, byte[] other) {
            double squares = 0;
            for (int i = 0; i < one.length; i++) {
                double difference = ((one[i] & 0xff) - (other[i] & 0xff)) / 255.0;
                squares += difference * difference;
            }
            return Math.sqrt(squares / one.length);
        }
    }
}
