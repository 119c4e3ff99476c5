package org.imagerl.latent.vae;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.latent.blocks.ResnetBlock;
import org.imagerl.latent.blocks.Upsampler;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.GroupNorm;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.tensor.Gradients;

/** Encoder or decoder: a convolution, stages of one segment or more, norm, SiLU, a convolution. */
final class Stack {

    /** Part of the way from image to latent or back. */
    private interface Stage {
        NDArray apply(Checkpointing checkpointed, NDArray x);
    }

    private final VaeConfig config;
    private final Conv2d in;
    private final List<Stage> stages = new ArrayList<>();
    private final GroupNorm outNorm;
    private final Conv2d out;

    private Stack(ParameterScope place, VaeConfig config, int from, int first, int last, int to) {
        this.config = config;
        in = place.at("conv_in").conv2d(from, first, 3, 1, 1);
        outNorm = place.at("conv_norm_out").groupNorm(config.normGroups(), last, AutoencoderKl.EPS);
        out = place.at("conv_out").conv2d(last, to, 3, 1, 1);
    }

    /** Declares the way from {@code [B, C, H, W]} to {@code [B, 2 c, h, w]}. */
    static Stack encoder(ParameterScope place, VaeConfig config) {
        int finest = config.channels().get(0);
        int coarsest = config.channels().get(config.channels().size() - 1);
        Stack stack = new Stack(place, config, config.inChannels(), finest, coarsest, 2 * config.latentChannels());
        int channels = finest;
        for (int i = 0; i < config.channels().size(); i++) {
            ParameterScope level = place.at("down_blocks").at(i);
            stack.level(level, channels, config.channels().get(i), config.layersPerBlock());
            channels = config.channels().get(i);
            if (i < config.channels().size() - 1) {
                stack.stages.add(new Downsampler(level.at("downsamplers.0"), channels)::apply);
            }
        }
        stack.middle(place, coarsest);
        return stack;
    }

    /** Declares the way from {@code [B, c, h, w]} to {@code [B, C, H, W]}. */
    static Stack decoder(ParameterScope place, VaeConfig config) {
        int last = config.channels().size() - 1;
        int finest = config.channels().get(0);
        int channels = config.channels().get(last);
        Stack stack = new Stack(place, config, config.latentChannels(), channels, finest, config.outChannels());
        stack.middle(place, channels);
        for (int i = 0; i <= last; i++) {
            ParameterScope level = place.at("up_blocks").at(i);
            stack.level(level, channels, config.channels().get(last - i), config.layersPerBlock() + 1);
            channels = config.channels().get(last - i);
            if (i < last) {
                stack.stages.add(new Upsampler(level.at("upsamplers.0"), channels)::twice);
            }
        }
        return stack;
    }

    private void level(ParameterScope place, int in, int out, int blocks) {
        for (int i = 0; i < blocks; i++) {
            stages.add(resnet(place.at("resnets").at(i), i == 0 ? in : out, out)::apply);
        }
    }

    /** Diffusers' {@code UNetMidBlock2D}: residual block, attention, residual block. */
    private void middle(ParameterScope place, int channels) {
        ParameterScope middle = place.at("mid_block");
        stages.add(resnet(middle.at("resnets.0"), channels, channels)::apply);
        if (config.middleAttention()) {
            stages.add(new PixelAttention(middle.at("attentions.0"), channels, config.normGroups())::apply);
        }
        stages.add(resnet(middle.at("resnets.1"), channels, channels)::apply);
    }

    private ResnetBlock resnet(ParameterScope place, int in, int out) {
        return new ResnetBlock(place, in, out, 0, config.normGroups(), AutoencoderKl.EPS);
    }

    NDArray apply(Checkpointing checkpointed, NDArray x) {
        NDArray h = Gradients.segment(checkpointed.on(), given -> in.apply(given[0]), x);
        for (Stage stage : stages) {
            h = stage.apply(checkpointed, h);
        }
        return Gradients.segment(checkpointed.on(), given -> out.apply(outNorm.silu(given[0])), h);
    }
}
