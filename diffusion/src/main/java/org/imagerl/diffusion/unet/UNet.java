package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.latent.blocks.ResnetBlock;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.GroupNorm;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Precision;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Stable Diffusion's denoiser (Rombach, Blattmann, Lorenz, Esser, Ommer, High-Resolution Image Synthesis with Latent
 * Diffusion Models, 2022, arXiv 2112.10752), in the form of diffusers' {@code UNet2DConditionModel}: levels of residual
 * blocks and transformers down to the coarsest size and up again, where each block on the way up also takes the output
 * of its counterpart on the way down. Activations have the dtype of the weights.
 */
public final class UNet {
    private final Checkpointing checkpointing;
    private final TimeConditioning time;
    private final Conv2d in;
    private final List<DownBlock> down = new ArrayList<>();
    private final Optional<MidBlock> middle;
    private final List<UpBlock> up = new ArrayList<>();
    private final GroupNorm outNorm;
    private final Conv2d out;

    /**
     * Declares the weights.
     *
     * @param network empty; to be filled before the first call
     * @param checkpointing how much recordings keep: where it is on, narrow or trained feed-forward layers, attention to the text and
     *     residual blocks with trained convolutions are run again in the backward pass; for the least memory all blocks are
     */
    public UNet(ParameterStore network, UnetConfig config, Checkpointing checkpointing) {
        this.checkpointing = checkpointing;
        ParameterScope root = network.root();
        int channels = config.down().get(0).channels();
        in = root.at("conv_in").conv2d(config.inChannels(), channels, 3, 1, 1);
        time = new TimeConditioning(root, config);
        Deque<Integer> skips = new ArrayDeque<>(List.of(channels));
        declareDown(root.at("down_blocks"), config, skips);
        middle = config.middle().map(level -> new MidBlock(root.at("mid_block"), level, config));
        declareUp(root.at("up_blocks"), config, skips);
        outNorm = root.at("conv_norm_out").groupNorm(config.normGroups(), channels, config.normEps());
        out = root.at("conv_out").conv2d(channels, config.outChannels(), 3, 1, 1);
    }

    private void declareDown(ParameterScope place, UnetConfig config, Deque<Integer> skips) {
        for (UnetLevel level : config.down()) {
            boolean last = down.size() == config.down().size() - 1;
            down.add(new DownBlock(place.at(down.size()), level, config, last, skips));
        }
    }

    private void declareUp(ParameterScope place, UnetConfig config, Deque<Integer> skips) {
        int channels = config.down().get(config.down().size() - 1).channels();
        for (UnetLevel level : config.up()) {
            boolean last = up.size() == config.up().size() - 1;
            up.add(new UpBlock(place.at(up.size()), channels, level, config, last, skips));
            channels = level.channels();
        }
    }

    static ResnetBlock resnet(ParameterScope place, int in, int out, UnetConfig config) {
        return new ResnetBlock(place, in, out, config.timeEmbeddingDim(), config.normGroups(), config.normEps());
    }

    static NDArray required(Map<String, NDArray> conditioning, String name) {
        NDArray tensor = conditioning.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the UNet needs the conditioning " + name + ", given: "
                    + conditioning.keySet().stream().sorted().toList());
        }
        return tensor;
    }

    /**
     * The prediction for noisy latents. In a recording with checkpointing, what passes between the segments belongs to the
     * surrounding scope, which must outlive the backward pass.
     *
     * @param latents floating point {@code [B, inChannels, h, w]}
     * @param timesteps one per sample, 0..999 for the usual schedules
     * @param conditioning {@code encoder_hidden_states} {@code [B, L, E]}; with class embeddings {@code class_labels} int64
     *     {@code [B]}; with text-time embeddings {@code text_embeds} {@code [B, P]} and {@code time_ids} {@code [B, 6]}; with
     *     an embedding of the guidance scale {@code guidance} {@code [B]}; and, if wanted,
     *     {@link org.imagerl.spi.Pipeline#MODULATION} {@code [B, timeEmbeddingDim]}
     * @return {@code [B, outChannels, h, w]}, dtype of {@code latents}
     */
    public NDArray forward(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        if (timesteps.length != latents.getShape().get(0)) {
            throw new IllegalArgumentException(timesteps.length + " timesteps for a batch of "
                    + latents.getShape().get(0));
        }
        return Scope.of(() -> run(latents, timesteps, conditioning));
    }

    private NDArray run(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        DataType type = Precision.of(in.weight().value());
        NDArray text = Kernels.cast(required(conditioning, "encoder_hidden_states"), type);
        // A copy, because checkpointing reads it again in the backward pass, when memory of the Java heap may be gone.
        NDArray steps = latents.getManager().create(timesteps).duplicate();
        NDArray embedding = time.apply(checkpointing, steps, conditioning, type);
        Deque<NDArray> skips = new ArrayDeque<>();
        skips.push(Gradients.segment(checkpointing.on(), x -> in.apply(Kernels.cast(x[0], type)), latents));
        down.forEach(level -> level.apply(checkpointing, embedding, text, skips));
        NDArray h = skips.element();
        if (middle.isPresent()) {
            MidBlock block = middle.get();
            h = Scope.of(() -> block.apply(checkpointing, skips.element(), embedding, text));
        }
        for (UpBlock level : up) {
            NDArray coarser = h;
            h = Scope.of(() -> level.apply(checkpointing, coarser, embedding, text, skips));
        }
        DataType wanted = latents.getDataType();
        return Gradients.segment(checkpointing.on(), x -> Kernels.cast(out.apply(outNorm.silu(x[0])), wanted), h);
    }
}
