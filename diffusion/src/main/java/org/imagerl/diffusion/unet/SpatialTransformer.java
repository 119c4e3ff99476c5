package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.Adaptable;
import org.imagerl.toolkit.nn.GroupNorm;
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
    private final Adaptable in;
    private final Adaptable out;
    private final List<TransformerBlock> blocks = new ArrayList<>();

    SpatialTransformer(ParameterScope place, UnetLevel level, UnetConfig config) {
        int width = level.channels();
        norm = place.at("norm").groupNorm(config.normGroups(), width, EPS);
        in = projection(place.at("proj_in"), width, config);
        out = projection(place.at("proj_out"), width, config);
        for (int i = 0; i < level.transformerLayers(); i++) {
            blocks.add(new TransformerBlock(place.at("transformer_blocks").at(i), level, config.upcastAttention()));
        }
    }

    private static Adaptable projection(ParameterScope place, int width, UnetConfig config) {
        return config.linearProjection() ? place.linear(width, width) : place.conv2d(width, width, 1, 1, 0);
    }

    /** {@code [B, C, h, w]} and text {@code [B, L, E]} to {@code [B, C, h, w]}. */
    NDArray apply(Checkpointing checkpointed, NDArray x, NDArray text) {
        return Scope.of(() -> {
            NDArray sequence = Gradients.segment(false, maps -> in.apply(pixels(norm.apply(maps[0]))), x);
            for (TransformerBlock block : blocks) {
                sequence = block.apply(checkpointed, sequence, text);
            }
            return Gradients.segment(false, maps -> leave(maps[0], maps[1]), x, sequence);
        });
    }

    /** The pixels of a feature map as a sequence; a view: one product brings them in order and projects them. */
    private static NDArray pixels(NDArray x) {
        Shape shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), -1).transpose(0, 2, 1);
    }

    private NDArray leave(NDArray x, NDArray sequence) {
        return x.add(Kernels.featureMap(out.apply(sequence), x));
    }
}
