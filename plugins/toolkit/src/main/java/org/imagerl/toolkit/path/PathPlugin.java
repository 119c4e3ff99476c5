package org.imagerl.toolkit.path;

import java.util.List;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Preset;
import org.imagerl.spi.Reward;
import org.imagerl.toolkit.jpeg.JpegEstimateReward;
import org.imagerl.toolkit.latent.DistilledReward;
import org.imagerl.toolkit.recipe.ContextFactory;

/** Training by the gradient of rewards. */
public final class PathPlugin implements Plugin {

    @Override
    public String name() {
        return "path";
    }

    @Override
    public List<Factory<? extends Objective, ?>> objectives() {
        return List.of(ContextFactory.of(
                "reward-gradient",
                "rewards with a gradient, by back-propagation through decoder and sampler",
                RewardGradientObjective.Config.defaults(),
                RewardGradientObjective::new));
    }

    @Override
    public List<Factory<? extends Reward, ?>> rewards() {
        return List.of(
                ContextFactory.of(
                        "jpeg-estimate",
                        "minus the estimated size in kB as JPEG, divided by divisor: rewards smooth images, with a"
                                + " gradient",
                        new JpegEstimateReward.Config(95, 1),
                        JpegEstimateReward::new),
                ContextFactory.of(
                        "latent",
                        "a network on latents that imagerl reward distil trained on another reward: nothing is decoded",
                        DistilledReward.Config.defaults(),
                        DistilledReward::of));
    }

    @Override
    public List<Preset> presets() {
        return RewardGradientPresets.all();
    }
}
