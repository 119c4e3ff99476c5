package org.imagerl.flow.pipeline;

import ai.djl.ndarray.NDArray;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.sd3.Sd3Transformer;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.toolkit.nn.ParameterStore;

/** The transformer of SD3 and SD3.5. */
public final class Sd3Denoiser {
    private Sd3Denoiser() {}

    /** Without weights yet. */
    public static Denoiser declare(Sd3Config config, boolean checkpointing) {
        ParameterStore network = new ParameterStore("transformer");
        Sd3Transformer transformer = new Sd3Transformer(network, config, checkpointing);
        int patch = config.patchSize();
        JointDenoiser.Latents latents =
                new JointDenoiser.Latents(config.inChannels(), patch, config.maxPatches() * patch, config.sampleSize());
        return JointDenoiser.of(network, latents, config.width(), (x, timesteps, conditioning) -> {
            // A copy, because a recorded graph must not hold memory of the Java heap.
            NDArray times = x.getManager().create(timesteps).duplicate();
            return transformer.forward(x, times, conditioning);
        });
    }
}
