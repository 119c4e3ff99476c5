package org.imagerl.diffusion;

import java.util.List;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.ddim.EulerDynamics;
import org.imagerl.diffusion.ddpo.DdpoPresets;
import org.imagerl.diffusion.ddpo.PerPromptAdvantage;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.diffusion.pretrain.StableDiffusionPretrainingFactory;
import org.imagerl.diffusion.schedule.DiffusersSamplers;
import org.imagerl.diffusion.solver.DpmSolver2M;
import org.imagerl.diffusion.solver.UniPc;
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
        return List.of(
                asDiffusers(SimpleFactory.of(
                        "ddim", "DDIM; eta 1 is as noisy as DDPM", new DdimDynamics.Config(1), DdimDynamics::new)),
                asDiffusers(SimpleFactory.of(
                        "euler",
                        "Euler's method through the noise levels, without noise",
                        new EulerDynamics.Config(null, null, null),
                        EulerDynamics::plain)),
                asDiffusers(SimpleFactory.of(
                        "euler-a",
                        "Euler ancestral: as noisy as DDPM",
                        new EulerDynamics.AncestralConfig(null),
                        EulerDynamics::ancestral)),
                asDiffusers(SimpleFactory.of(
                        "dpmpp-2m",
                        "DPM-Solver++ of order 2, multistep, without noise",
                        new DpmSolver2M.Config(null, null, null, null, null),
                        DpmSolver2M::new)),
                SimpleFactory.of(
                        "dpmpp-2m-karras",
                        "the same with the noise levels of Karras et al.",
                        new DpmSolver2M.KarrasConfig(null),
                        DpmSolver2M::karras),
                asDiffusers(SimpleFactory.of(
                        "unipc",
                        "UniPC, a predictor and a corrector, without noise",
                        new UniPc.Config(null, null, null, null, null),
                        UniPc::new)));
    }

    private static <T, C extends Record> Factory<T, C> asDiffusers(SimpleFactory<T, C> factory) {
        return factory.alsoNamed(DiffusersSamplers.classOf(factory.name()));
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
