package org.imagerl.diffusion;

import java.util.List;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.ddpo.DdpoPresets;
import org.imagerl.diffusion.ddpo.PerPromptAdvantage;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.diffusion.pretrain.StableDiffusionPretrainingFactory;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Factory;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Preset;
import org.imagerl.spi.Pretraining;
import org.imagerl.toolkit.recipe.SimpleFactory;

/** Stable Diffusion and DDPO. */
public final class DiffusionPlugin implements Plugin {

    @Override
    public String name() {
        return "diffusion";
    }

    @Override
    public List<PipelineFactory> pipelines() {
        return List.of(StableDiffusion.FAMILY);
    }

    @Override
    public List<Factory<? extends Dynamics, ?>> dynamics() {
        return List.of(SimpleFactory.of(
                "ddim", "DDIM; eta 1 is as noisy as DDPM", new DdimDynamics.Config(1), DdimDynamics::new));
    }

    @Override
    public List<Factory<? extends Advantage, ?>> advantages() {
        return List.of(SimpleFactory.of(
                "per-prompt",
                "DDPO's tracker of each prompt's last rewards",
                new PerPromptAdvantage.Config(16, 16),
                PerPromptAdvantage::new));
    }

    @Override
    public List<Preset> presets() {
        return DdpoPresets.all();
    }

    @Override
    public List<Factory<? extends Pretraining, ?>> pretrainings() {
        return List.of(new StableDiffusionPretrainingFactory());
    }
}
