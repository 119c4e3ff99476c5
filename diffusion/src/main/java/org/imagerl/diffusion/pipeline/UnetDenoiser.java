package org.imagerl.diffusion.pipeline;

import java.util.List;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;

/** Stable Diffusion's UNet. */
public final class UnetDenoiser {

    /** As in the published trainings: queries, keys, values and outputs of all attentions. */
    private static final List<String> LORA_TARGETS = List.of("to_q", "to_k", "to_v", "to_out.0");

    private UnetDenoiser() {}

    /** Without weights yet. */
    public static Denoiser declare(UnetConfig config, Checkpointing checkpointing) {
        ParameterStore network = new ParameterStore("unet");
        UNet unet = new UNet(network, config, checkpointing);
        UnetLevel finest = config.down().get(0);
        // What the way up takes from the way down, and what a residual block takes and makes beside it.
        long activations = finest.channels() * (finest.residualBlocks() + 4L);
        return new Denoiser(
                network,
                config.outChannels(),
                1,
                Integer.MAX_VALUE,
                config.sampleSize(),
                activations,
                config.timeEmbeddingDim(),
                LORA_TARGETS,
                PaintingUnet.takesMask(config) ? new PaintingUnet(unet) : unet::forward);
    }
}
