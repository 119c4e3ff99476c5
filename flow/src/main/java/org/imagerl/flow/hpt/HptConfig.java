package org.imagerl.flow.hpt;

import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.data.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The settings of {@code hpt}: those of the switch, then the parts of its policy gradient.
 *
 * @param demonstrations images on disk, at least one for each prompt that is trained
 * @param success least reward of an image that counts as right
 * @param gate share of right images up to which a prompt is switched, 0..1; below 0 none ever is. 0 and 0.25 are published
 * @param band share of right images up to which a prompt that is not switched is left out, at most 1; up to the gate there is no such prompt
 * @param coefficient of the demonstrations' loss, at least 0; 1 and 0.3 are published
 * @param times of the noise on demonstrations
 * @param likelihood of the policy gradient; by default transition
 * @param ratio by default importance
 * @param trustRegion by default clip, with its own default range
 * @param stepWeight by default uniform
 * @param penalty by default none
 */
public record HptConfig(
        PartConfig<DataSource> demonstrations,
        double success,
        double gate,
        double band,
        double coefficient,
        Times times,
        @Nullable PartConfig<Likelihood> likelihood,
        @Nullable PartConfig<Ratio> ratio,
        @Nullable PartConfig<TrustRegion> trustRegion,
        @Nullable PartConfig<StepWeight> stepWeight,
        @Nullable PartConfig<Penalty> penalty) {

    /** Checks the ranges. */
    public HptConfig {
        if (!(gate <= 1) || !(band <= 1) || Double.isNaN(success)) {
            throw new IllegalArgumentException("gate and band must be at most 1, and success a number");
        }
        if (!(coefficient >= 0)) {
            throw new IllegalArgumentException("coefficient must be at least 0");
        }
    }
}
