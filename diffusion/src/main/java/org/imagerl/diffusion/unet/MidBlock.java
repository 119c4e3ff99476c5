package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.toolkit.nn.Place;

/** The coarsest level, diffusers' {@code UNetMidBlock2DCrossAttn}: residual block, transformer, residual block. */
final class MidBlock {
    private final ResnetBlock first;
    private final SpatialTransformer transformer;
    private final ResnetBlock second;

    MidBlock(Place place, UnetConfig config) {
        UnetLevel level = config.middle();
        first = UNet.resnet(place.at("resnets.0"), level.channels(), level.channels(), config);
        transformer = new SpatialTransformer(place.at("attentions.0"), level, config);
        second = UNet.resnet(place.at("resnets.1"), level.channels(), level.channels(), config);
    }

    /** {@code [B, C, h, w]} to the same. */
    NDArray apply(boolean checkpointed, NDArray x, NDArray time, NDArray text) {
        NDArray h = first.apply(checkpointed, x, time);
        h = transformer.apply(checkpointed, h, text);
        return second.apply(checkpointed, h, time);
    }
}
