package org.imagerl.rewards.jpeg;

import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;

/** Rewards smooth images: minus the size of the JPEG in kB. */
public final class JpegCompressibility implements Factory<Reward, JpegConfig> {

    @Override
    public String name() {
        return "jpeg-compressibility";
    }

    @Override
    public String description() {
        return "minus the size in kB as JPEG of quality 95, divided by divisor: rewards smooth images";
    }

    @Override
    public JpegConfig defaults() {
        return new JpegConfig(1.0);
    }

    @Override
    public Reward create(JpegConfig config, Context context) {
        config.check();
        Reward.Spec spec = new Reward.Spec(
                Reward.Scope.POINTWISE, Double.NEGATIVE_INFINITY, 0, true, JpegIncompressibility.unit(config));
        return new JpegReward(-1, config.divisor(), spec, context.threads());
    }
}
