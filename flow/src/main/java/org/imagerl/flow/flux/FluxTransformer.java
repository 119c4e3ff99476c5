package org.imagerl.flow.flux;

import static org.imagerl.flow.transformer.ConditioningInputs.required;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.transformer.AttentionSize;
import org.imagerl.flow.transformer.ConditioningInputs;
import org.imagerl.flow.transformer.FinalLayer;
import org.imagerl.flow.transformer.JointBlock;
import org.imagerl.flow.transformer.TimeTextEmbedding;
import org.imagerl.flow.transformer.Tokens;
import org.imagerl.spi.Pipeline;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Precision;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The rectified-flow transformer FLUX.1 (Black Forest Labs, 2024; described in Batifol et al., FLUX.1 Kontext, 2025, arXiv 2506.15742,
 * section 2): joint blocks, then blocks with the same weights for text and image; queries and keys are turned by their positions
 * (Su et al., RoFormer, 2021, arXiv 2104.09864). Activations have the dtype of the weights.
 */
public final class FluxTransformer {
    /** The network is trained on times and guidance scales of this size per unit. */
    private static final double TIME_UNITS = 1000;

    private final boolean checkpointing;
    private final Linear in;
    private final RotaryPositions positions;
    private final TimeTextEmbedding time;
    private final Linear context;
    private final List<JointBlock> doubles = new ArrayList<>();
    private final List<SingleBlock> singles = new ArrayList<>();
    private final FinalLayer out;

    /**
     * Declares the weights.
     *
     * @param network empty; to be filled before the first call
     * @param checkpointing recordings keep only what passes between segments and run them again in the backward pass
     */
    public FluxTransformer(ParameterStore network, FluxConfig config, boolean checkpointing) {
        this.checkpointing = checkpointing;
        ParameterScope root = network.root();
        int width = config.width();
        in = root.at("x_embedder").linear(config.inChannels(), width);
        positions = new RotaryPositions(config.rotaryWidths());
        time = new TimeTextEmbedding(root.at("time_text_embed"), width, config.pooledWidth(), config.guidance());
        context = root.at("context_embedder").linear(config.textWidth(), width);
        AttentionSize size = new AttentionSize(width, config.heads(), true);
        for (int i = 0; i < config.doubleLayers(); i++) {
            doubles.add(new JointBlock(root.at("transformer_blocks").at(i), size, false));
        }
        for (int i = 0; i < config.singleLayers(); i++) {
            singles.add(new SingleBlock(root.at("single_transformer_blocks").at(i), size));
        }
        out = new FinalLayer(root, width, config.outChannels());
    }

    /** The positions of tokens: floating point {@code [n, 3]} of the image and {@code [m, 3]} of the text. */
    public record Places(NDArray image, NDArray text) {}

    /**
     * The predicted velocity of noisy patches.
     *
     * @param patches floating point {@code [B, n, inChannels]}
     * @param times floating point {@code [B]}, 0..1
     * @param conditioning {@code encoder_hidden_states} {@code [B, m, textWidth]}, {@code pooled_projections} {@code [B, pooledWidth]} and,
     *     for models that are conditioned on it, {@code guidance} {@code [B]}; if wanted, {@link Pipeline#MODULATION} {@code [B, E]}
     * @return {@code [B, n, outChannels]}, dtype of {@code patches}
     */
    public NDArray forward(NDArray patches, NDArray times, Map<String, NDArray> conditioning, Places places) {
        return Scope.of(() -> run(patches, times, conditioning, places));
    }

    private NDArray run(NDArray patches, NDArray times, Map<String, NDArray> conditioning, Places places) {
        DataType type = Precision.of(in.weight().value());
        NDArray text = required(conditioning, ConditioningInputs.TEXT);
        NDArray embedding = embedding(times, conditioning, type);
        NDArray rotary = Gradients.segment(
                checkpointing, x -> positions.table(x[0].concat(x[1], 0)), places.text(), places.image());
        NDArray entered = Gradients.segment(checkpointing, x -> enter(x[0], x[1], type), patches, text);
        long words = text.getShape().get(1);
        List<UnaryOperator<NDArray>> segments = new ArrayList<>();
        for (JointBlock block : doubles) {
            segments.add(state -> block.apply(checkpointing, state, words, embedding, rotary));
        }
        for (SingleBlock block : singles) {
            segments.add(state -> block.apply(checkpointing, state, embedding, rotary));
        }
        segments.add(state -> Gradients.segment(
                checkpointing,
                x -> Kernels.cast(out.apply(Tokens.from(x[0], words), x[1]), patches.getDataType()),
                state,
                embedding));
        return Scope.through(entered, segments);
    }

    private NDArray embedding(NDArray times, Map<String, NDArray> conditioning, DataType type) {
        NDArray guidance = conditioning.get(ConditioningInputs.GUIDANCE);
        return time.apply(
                checkpointing,
                type,
                Kernels.scale(times, TIME_UNITS),
                required(conditioning, ConditioningInputs.POOLED),
                guidance == null ? null : Kernels.scale(guidance, TIME_UNITS),
                conditioning.get(Pipeline.MODULATION));
    }

    private NDArray enter(NDArray patches, NDArray text, DataType type) {
        return context.apply(Kernels.cast(text, type)).concat(in.apply(Kernels.cast(patches, type)), 1);
    }
}
