package org.imagerl.rewards.colour;

import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;

/** Rewards images on a bright ground. */
public final class BackgroundBrightness implements Factory<Reward, BackgroundConfig> {

    @Override
    public String name() {
        return "background-brightness";
    }

    @Override
    public String description() {
        return "brightness of the outermost frame of an image: the median of its luma, 0 (black) to 1 (white)";
    }

    @Override
    public BackgroundConfig defaults() {
        return new BackgroundConfig(1.0 / 16);
    }

    @Override
    public Reward create(BackgroundConfig config, Context context) {
        config.check();
        return new BrightnessReward(config.frame());
    }
}
