package org.imagerl.flow.pipeline;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.sd3.Sd3Transformer;
import org.imagerl.latent.pipeline.Component;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.latent.pipeline.OpenFolder;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.tensor.Gradients;

/** The transformer of SD3 and SD3.5. */
public record Sd3Denoiser(Sd3Config config, Sd3Transformer transformer, Network network, boolean checkpointing)
        implements Denoiser {

    static Sd3Denoiser load(OpenFolder folder, Sd3Config config) {
        Sd3Denoiser denoiser = declare(config, folder.checkpointing());
        folder.load(Component.DIFFUSERS, denoiser.network);
        return denoiser;
    }

    /** Without weights yet. */
    public static Sd3Denoiser declare(Sd3Config config, boolean checkpointing) {
        Network network = new Network("transformer");
        Sd3Transformer transformer = new Sd3Transformer(network, config, checkpointing);
        return new Sd3Denoiser(config, transformer, network, checkpointing);
    }

    @Override
    public int channels() {
        return config.inChannels();
    }

    @Override
    public int patch() {
        return config.patchSize();
    }

    @Override
    public int maxSide() {
        return config.maxPatches() * config.patchSize();
    }

    @Override
    public List<Integer> sampleSize() {
        return List.of(config.sampleSize(), config.sampleSize());
    }

    @Override
    public long activations(long elements) {
        // Of each token the residual stream, queries, keys and values, and the four widths inside the feed-forward
        // layer.
        return elements / ((long) config.patchSize() * config.patchSize()) * config.width() * 8L;
    }

    @Override
    public int modulationWidth() {
        return config.width();
    }

    @Override
    public List<String> loraTargets() {
        return LoraTargets.JOINT_ATTENTION;
    }

    @Override
    public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        return Gradients.scoped(checkpointing, () -> {
            // A copy, because a recorded graph must not hold memory of the Java heap.
            NDArray times = latents.getManager().create(timesteps).duplicate();
            return transformer.forward(latents, times, conditioning);
        });
    }
}
