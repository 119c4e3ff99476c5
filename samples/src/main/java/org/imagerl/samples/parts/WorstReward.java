package org.imagerl.samples.parts;

import java.util.Arrays;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.run.RewardCombination;

/** Of several rewards the one counts, for each image, that is lowest after its weight: no reward can pay for another. */
final class WorstReward implements RewardCombination {
    @Override
    public Advantages advantages(Scored scored, Advantage advantage) {
        double[] worst = new double[scored.groups().size()];
        Arrays.fill(worst, Double.POSITIVE_INFINITY);
        for (Column reward : scored.rewards()) {
            // An image without one of the rewards has none: the minimum with NaN is NaN.
            Arrays.setAll(worst, i -> Math.min(worst[i], reward.weight() * reward.values()[i]));
        }
        return advantage.advantages(scored.groups(), worst, scored.rollouts());
    }
}
