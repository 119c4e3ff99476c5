package org.imagerl.diffusion.pipeline;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.latent.pipeline.Component;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.latent.pipeline.OpenFolder;
import org.imagerl.toolkit.nn.Network;

/** Stable Diffusion's UNet. */
public record UnetDenoiser(UnetConfig config, UNet unet, Network network) implements Denoiser {

    /** As in the published trainings: queries, keys, values and outputs of all attentions. */
    private static final List<String> LORA_TARGETS = List.of("to_q", "to_k", "to_v", "to_out.0");

    static UnetDenoiser load(OpenFolder folder, UnetConfig config) {
        UnetDenoiser denoiser = declare(config, folder.checkpointing());
        folder.load(Component.DIFFUSERS, denoiser.network);
        return denoiser;
    }

    /** Without weights yet. */
    public static UnetDenoiser declare(UnetConfig config, boolean checkpointing) {
        Network network = new Network("unet");
        return new UnetDenoiser(config, new UNet(network, config, checkpointing), network);
    }

    @Override
    public int channels() {
        return config.inChannels();
    }

    @Override
    public int patch() {
        return 1;
    }

    @Override
    public int maxSide() {
        return Integer.MAX_VALUE;
    }

    @Override
    public List<Integer> sampleSize() {
        return config.sampleSize();
    }

    @Override
    public long activations(long elements) {
        UnetLevel finest = config.down().get(0);
        // What the way up takes from the way down, and what a residual block takes and makes beside it.
        return elements * finest.channels() * (finest.residualBlocks() + 4L);
    }

    @Override
    public int modulationWidth() {
        return config.timeEmbeddingDim();
    }

    @Override
    public List<String> loraTargets() {
        return LORA_TARGETS;
    }

    @Override
    public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        return unet.forward(latents, timesteps, conditioning);
    }
}
