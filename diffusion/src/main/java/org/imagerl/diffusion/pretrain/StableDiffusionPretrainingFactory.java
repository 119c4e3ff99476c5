package org.imagerl.diffusion.pretrain;

import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.UserException;

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
        int downscale = 1 << (config.vae().channels().size() - 1);
        if (config.width() % downscale != 0 || config.height() % downscale != 0) {
            throw UserException.input("width and height must be multiples of " + downscale + " (a VAE of "
                    + config.vae().channels().size() + " levels), not " + config.width() + " x " + config.height());
        }
        if (!config.dtype().equals("float16") && !config.dtype().equals("float32")) {
            throw UserException.input("dtype must be float32 or float16, not " + config.dtype());
        }
        return new StableDiffusionPretraining(config, context.folder());
    }
}
