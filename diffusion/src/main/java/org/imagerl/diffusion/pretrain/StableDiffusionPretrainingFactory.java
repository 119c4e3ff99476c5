package org.imagerl.diffusion.pretrain;

import org.imagerl.latent.pretrain.CheckpointPretraining;
import org.imagerl.latent.pretrain.PretrainPlan;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Pretraining;

/** Makes {@code stable-diffusion} pretrainings. */
public final class StableDiffusionPretrainingFactory implements Factory<Pretraining, PretrainConfig> {

    @Override
    public String name() {
        return "stable-diffusion";
    }

    @Override
    public String description() {
        return "a tiny Stable-Diffusion-1-type checkpoint from nothing";
    }

    @Override
    public PretrainConfig defaults() {
        return PretrainConfig.defaults();
    }

    @Override
    public Pretraining create(PretrainConfig config, Context context) {
        PretrainConfig.Unet unet = config.unet();
        PretrainPlan plan = new PretrainPlan(
                config.width(),
                config.height(),
                1,
                config.seed(),
                config.data(),
                config.vae(),
                new PretrainPlan.DenoiserFit(
                        unet.steps(), unet.batch(), unet.learningRate(), unet.emaDecay(), unet.promptDropout()),
                config.saveEvery(),
                config.dtype());
        return new CheckpointPretraining(plan, new StableDiffusionCheckpoint(config), context);
    }
}
