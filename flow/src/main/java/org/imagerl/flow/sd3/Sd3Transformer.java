package org.imagerl.flow.sd3;

import static org.imagerl.flow.transformer.ConditioningInputs.required;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.transformer.AttentionSize;
import org.imagerl.flow.transformer.ConditioningInputs;
import org.imagerl.flow.transformer.FinalLayer;
import org.imagerl.flow.transformer.JointBlock;
import org.imagerl.flow.transformer.LastJointBlock;
import org.imagerl.flow.transformer.TimeTextEmbedding;
import org.imagerl.spi.Pipeline;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Precision;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The multimodal diffusion transformer of Stable Diffusion 3 (Esser et al., Scaling Rectified Flow Transformers for High-Resolution
 * Image Synthesis, 2024, arXiv 2403.03206, section 4): the latent's patches and the text's tokens pass through joint blocks.
 * Activations have the dtype of the weights.
 */
public final class Sd3Transformer {
    private final Sd3Config config;
    private final boolean checkpointing;
    private final Conv2d patches;
    private final PositionTable positions;
    private final TimeTextEmbedding time;
    private final Linear context;
    private final List<JointBlock> blocks = new ArrayList<>();
    private final LastJointBlock last;
    private final FinalLayer out;

    /**
     * Declares the weights.
     *
     * @param network empty; to be filled before the first call
     * @param checkpointing recordings keep only what passes between segments and run them again in the backward pass
     */
    public Sd3Transformer(ParameterStore network, Sd3Config config, boolean checkpointing) {
        this.config = config;
        this.checkpointing = checkpointing;
        ParameterScope root = network.root();
        int width = config.width();
        int patch = config.patchSize();
        patches = root.at("pos_embed.proj").conv2d(config.inChannels(), width, patch, patch, 0);
        positions = new PositionTable(root.at("pos_embed"), config);
        time = new TimeTextEmbedding(root.at("time_text_embed"), width, config.pooledWidth(), false);
        context = root.at("context_embedder").linear(config.textWidth(), width);
        AttentionSize size = new AttentionSize(width, config.heads(), config.normalised());
        ParameterScope place = root.at("transformer_blocks");
        int end = config.layers() - 1;
        for (int i = 0; i < end; i++) {
            blocks.add(new JointBlock(place.at(i), size, config.dualLayers().contains(i)));
        }
        last = new LastJointBlock(place.at(end), size, config.dualLayers().contains(end));
        out = new FinalLayer(root, width, patch * patch * config.outChannels());
    }

    /**
     * The predicted velocity of noisy latents.
     *
     * @param latents floating point {@code [B, inChannels, h, w]}; h and w multiples of the patch size, at most maxPatches patches
     * @param timesteps floating point {@code [B]}, 0..1000
     * @param conditioning {@code encoder_hidden_states} {@code [B, m, textWidth]} and {@code pooled_projections} {@code [B, pooledWidth]};
     *     if wanted, {@link Pipeline#MODULATION} {@code [B, E]}
     * @return {@code [B, outChannels, h, w]}, dtype of {@code latents}
     */
    public NDArray forward(NDArray latents, NDArray timesteps, Map<String, NDArray> conditioning) {
        return Scope.of(() -> run(latents, timesteps, conditioning));
    }

    private NDArray run(NDArray latents, NDArray timesteps, Map<String, NDArray> conditioning) {
        DataType type = Precision.of(patches.weight().value());
        NDArray text = required(conditioning, ConditioningInputs.TEXT);
        NDArray pooled = required(conditioning, ConditioningInputs.POOLED);
        NDArray embedding =
                time.apply(checkpointing, type, timesteps, pooled, null, conditioning.get(Pipeline.MODULATION));
        NDArray entered = Gradients.segment(checkpointing, in -> enter(in[0], in[1], type), latents, text);
        long words = text.getShape().get(1);
        List<UnaryOperator<NDArray>> segments = new ArrayList<>();
        for (JointBlock block : blocks) {
            segments.add(state -> block.apply(checkpointing, state, words, embedding, null));
        }
        segments.add(state -> last.apply(checkpointing, state, words, embedding));
        segments.add(image -> Gradients.segment(checkpointing, in -> leave(in[0], in[1], latents), image, embedding));
        return Scope.through(entered, segments);
    }

    private NDArray enter(NDArray latents, NDArray text, DataType type) {
        NDArray grid = patches.apply(Kernels.cast(latents, type));
        Shape size = grid.getShape();
        NDArray image = Kernels.sequence(grid).add(positions.crop(size.get(2), size.get(3)));
        return context.apply(Kernels.cast(text, type)).concat(image, 1);
    }

    private NDArray leave(NDArray image, NDArray embedding, NDArray like) {
        long p = config.patchSize();
        Shape size = like.getShape();
        long rows = size.get(2) / p;
        long columns = size.get(3) / p;
        NDArray tokens = out.apply(image, embedding).reshape(size.get(0), rows, columns, p, p, config.outChannels());
        NDArray latents =
                tokens.transpose(0, 5, 1, 3, 2, 4).reshape(size.get(0), config.outChannels(), rows * p, columns * p);
        return Kernels.cast(latents, like);
    }
}
