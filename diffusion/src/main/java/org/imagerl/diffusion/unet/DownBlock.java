package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.latent.blocks.ResnetBlock;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;
import org.jspecify.annotations.Nullable;

/**
 * One level on the way down, diffusers' {@code CrossAttnDownBlock2D} or {@code DownBlock2D}: residual blocks, each followed by
 * a transformer in the former, then a stride-2 convolution unless the level is the last.
 */
final class DownBlock {
    private final List<ResnetBlock> resnets = new ArrayList<>();
    private final List<SpatialTransformer> transformers = new ArrayList<>();
    private final @Nullable Conv2d downsampler;

    /** Declares the level; pushes the channels of each feature map that {@link #apply} pushes. */
    DownBlock(ParameterScope place, UnetLevel level, UnetConfig config, boolean last, Deque<Integer> skips) {
        for (int i = 0; i < level.residualBlocks(); i++) {
            resnets.add(UNet.resnet(place.at("resnets").at(i), skips.element(), level.channels(), config));
            skips.push(level.channels());
            if (level.attention()) {
                transformers.add(new SpatialTransformer(place.at("attentions").at(i), level, config));
            }
        }
        downsampler = last ? null : downsampler(place.at("downsamplers.0.conv"), level.channels(), skips);
    }

    private static Conv2d downsampler(ParameterScope place, int channels, Deque<Integer> skips) {
        skips.push(channels);
        return place.conv2d(channels, channels, 3, 2, 1);
    }

    /** Takes the last skip {@code [B, in, h, w]} on and pushes each block's output, the last being the level's output. */
    void apply(Checkpointing checkpointed, NDArray time, NDArray text, Deque<NDArray> skips) {
        for (int i = 0; i < resnets.size(); i++) {
            NDArray x = resnets.get(i).apply(checkpointed, skips.element(), time);
            skips.push(transformers.isEmpty() ? x : transformers.get(i).apply(checkpointed, x, text));
        }
        if (downsampler != null) {
            skips.push(Gradients.segment(
                    checkpointed.on() && !downsampler.frozen(), in -> downsampler.apply(in[0]), skips.element()));
        }
    }
}
