package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.latent.blocks.ResnetBlock;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterScope;

/**
 * The coarsest level: residual block, transformer, residual block, as diffusers' {@code UNetMidBlock2DCrossAttn}; or the first residual block alone, as
 * its {@code UNetMidBlock2D} in a UNet with a text.
 */
final class MidBlock {
    private final ResnetBlock first;
    private final Optional<Rest> rest;

    private record Rest(SpatialTransformer transformer, ResnetBlock second) {}

    MidBlock(ParameterScope place, UnetLevel level, UnetConfig config) {
        first = UNet.resnet(place.at("resnets.0"), level.channels(), level.channels(), config);
        rest = level.attention()
                ? Optional.of(new Rest(
                        new SpatialTransformer(place.at("attentions.0"), level, config),
                        UNet.resnet(place.at("resnets.1"), level.channels(), level.channels(), config)))
                : Optional.empty();
    }

    /** {@code [B, C, h, w]} to the same. */
    NDArray apply(Checkpointing checkpointed, NDArray x, NDArray time, NDArray text) {
        NDArray h = first.apply(checkpointed, x, time);
        if (rest.isEmpty()) {
            return h;
        }
        h = rest.get().transformer.apply(checkpointed, h, text);
        return rest.get().second.apply(checkpointed, h, time);
    }
}
