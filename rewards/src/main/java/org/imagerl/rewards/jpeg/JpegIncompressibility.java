package org.imagerl.rewards.jpeg;

import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;

/** Rewards detail and noise: the size of the JPEG in kB. */
public final class JpegIncompressibility implements Factory<Reward, JpegConfig> {

    @Override
    public String name() {
        return "jpeg-incompressibility";
    }

    @Override
    public String description() {
        return "size in kB as JPEG of quality 95, divided by divisor: rewards detail and noise";
    }

    @Override
    public JpegConfig defaults() {
        return new JpegConfig(1.0);
    }

    @Override
    public Reward create(JpegConfig config, Context context) {
        config.check();
        Reward.Spec spec = new Reward.Spec(Reward.Scope.POINTWISE, 0, Double.POSITIVE_INFINITY, true, unit(config));
        return new JpegReward(1, config.divisor(), spec, context.threads());
    }

    static String unit(JpegConfig config) {
        return config.divisor() == 1 ? "kB" : config.divisor() + " kB";
    }
}
