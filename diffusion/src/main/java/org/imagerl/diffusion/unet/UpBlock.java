package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.latent.blocks.ResnetBlock;
import org.imagerl.latent.blocks.Upsampler;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterScope;
import org.jspecify.annotations.Nullable;

/**
 * One level on the way up, diffusers' {@code CrossAttnUpBlock2D} or {@code UpBlock2D}: residual blocks that each take one skip
 * of the way down, each followed by a transformer in the former, then an upsampling unless the level is the last.
 */
final class UpBlock {
    private final List<ResnetBlock> resnets = new ArrayList<>();
    private final List<SpatialTransformer> transformers = new ArrayList<>();
    private final @Nullable Upsampler upsampler;

    /**
     * Declares the level.
     *
     * @param in channels of the level before
     * @param skips channels of the skips, popped
     */
    UpBlock(ParameterScope place, int in, UnetLevel level, UnetConfig config, boolean last, Deque<Integer> skips) {
        int channels = in;
        for (int i = 0; i < level.residualBlocks(); i++) {
            resnets.add(UNet.resnet(place.at("resnets").at(i), channels + skips.pop(), level.channels(), config));
            channels = level.channels();
            if (level.attention()) {
                transformers.add(new SpatialTransformer(place.at("attentions").at(i), level, config));
            }
        }
        upsampler = last ? null : new Upsampler(place.at("upsamplers.0"), level.channels());
    }

    /** {@code [B, in, h, w]} to {@code [B, C, h', w']}, the size of the next skip; pops the level's skips. */
    NDArray apply(Checkpointing checkpointed, NDArray x, NDArray time, NDArray text, Deque<NDArray> skips) {
        NDArray h = x;
        for (int i = 0; i < resnets.size(); i++) {
            h = resnets.get(i).apply(checkpointed, h, skips.pop(), time);
            h = transformers.isEmpty() ? h : transformers.get(i).apply(checkpointed, h, text);
        }
        return upsampler == null ? h : upsampler.toSizeOf(checkpointed, h, skips.element());
    }
}
