package org.imagerl.ctrl;

import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;

/** The mean level of the pixels, 0..255. */
public record Brightness(Scope scope) implements Reward {
    /** As a configuration names it. */
    public static final PartConfig<Reward> REWARD = configured(Scope.POINTWISE);

    /** As if it looked at all of a group. */
    public static final PartConfig<Reward> OF_GROUPS = configured(Scope.GROUPWISE);

    private static PartConfig<Reward> configured(Scope scope) {
        return new PartConfig<>() {
            @Override
            public String type() {
                return "brightness";
            }

            @Override
            public Reward create(Context context) {
                return new Brightness(scope);
            }
        };
    }

    @Override
    public Spec spec() {
        return new Spec(scope, 0, 255, true, "level");
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return images.stream().map(image -> Score.of(mean(image.rgb()))).toList();
    }

    private static double mean(byte[] rgb) {
        double sum = 0;
        for (byte value : rgb) {
            sum += value & 0xff;
        }
        return sum / rgb.length;
    }
}
