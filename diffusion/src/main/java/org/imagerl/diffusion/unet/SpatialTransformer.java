package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.GroupNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Transformer over the pixels of a feature map, diffusers' {@code Transformer2DModel}: norm, projection, transformer blocks on
 * the sequence {@code [B, hw, C]}, projection, beside the identity.
 */
final class SpatialTransformer {
    private static final double EPS = 1e-6;

    private final GroupNorm norm;
    private final UnaryOperator<NDArray> enter;
    private final BinaryOperator<NDArray> leave;
    private final List<TransformerBlock> blocks = new ArrayList<>();

    SpatialTransformer(ParameterScope place, UnetLevel level, UnetConfig config) {
        int width = level.channels();
        norm = place.at("norm").groupNorm(config.normGroups(), width, EPS);
        if (config.linearProjection()) {
            Linear in = place.at("proj_in").linear(width, width);
            Linear out = place.at("proj_out").linear(width, width);
            enter = x -> in.apply(Kernels.sequence(x));
            leave = (sequence, like) -> Kernels.featureMap(out.apply(sequence), like);
        } else {
            Conv2d in = place.at("proj_in").conv2d(width, width, 1, 1, 0);
            Conv2d out = place.at("proj_out").conv2d(width, width, 1, 1, 0);
            enter = x -> Kernels.sequence(in.apply(x));
            leave = (sequence, like) -> out.apply(Kernels.featureMap(sequence, like));
        }
        for (int i = 0; i < level.transformerLayers(); i++) {
            blocks.add(new TransformerBlock(place.at("transformer_blocks").at(i), level, config.upcastAttention()));
        }
    }

    /** {@code [B, C, h, w]} and text {@code [B, L, E]} to {@code [B, C, h, w]}. */
    NDArray apply(boolean checkpointed, NDArray x, NDArray text) {
        return Scope.of(() -> {
            NDArray sequence = Gradients.segment(false, in -> enter.apply(norm.apply(in[0])), x);
            for (TransformerBlock block : blocks) {
                sequence = block.apply(checkpointed, sequence, text);
            }
            return Gradients.segment(false, in -> in[0].add(leave.apply(in[1], in[0])), x, sequence);
        });
    }
}
