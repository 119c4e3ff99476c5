package org.imagerl.flow.pretrain;

import org.imagerl.latent.pretrain.CheckpointPretraining;
import org.imagerl.latent.pretrain.PretrainPlan;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.UserException;

/** Makes {@code stable-diffusion-3} pretrainings. */
public final class Sd3PretrainingFactory implements Factory<Pretraining, Sd3PretrainConfig> {

    @Override
    public String name() {
        return "stable-diffusion-3";
    }

    @Override
    public String description() {
        return "a tiny Stable-Diffusion-3-type checkpoint from nothing";
    }

    @Override
    public Sd3PretrainConfig defaults() {
        return Sd3PretrainConfig.defaults();
    }

    @Override
    public Pretraining create(Sd3PretrainConfig config, Context context) {
        Sd3PretrainConfig.Transformer transformer = config.transformer();
        if (config.textEncoders().layers() < 2) {
            throw UserException.input("text_encoders.layers must be at least 2, not "
                    + config.textEncoders().layers() + ": the denoiser sees what enters the last layer");
        }
        PretrainPlan plan = new PretrainPlan(
                config.width(),
                config.height(),
                transformer.patch(),
                config.seed(),
                config.data(),
                config.vae(),
                new PretrainPlan.DenoiserFit(
                        transformer.steps(),
                        transformer.batch(),
                        transformer.learningRate(),
                        transformer.emaDecay(),
                        transformer.promptDropout()),
                config.saveEvery(),
                config.dtype());
        return new CheckpointPretraining(plan, new Sd3Checkpoint(config, plan.downscale()), context);
    }
}
