package org.imagerl.latent.checkpoint;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;

/**
 * An {@code AutoencoderKL} as its {@code config.json} describes it. All its group norms have epsilon 1e-6; the attention
 * of its middle block has one head.
 *
 * @param inChannels channels of the image that the encoder takes
 * @param outChannels channels of the image that the decoder makes
 * @param latentChannels c, channels of the latents
 * @param channels channels of each level, finest first; all but the last halve height and width
 * @param layersPerBlock residual blocks of a level of the encoder; the decoder has one more
 * @param normGroups groups of every group norm
 * @param sampleSize height and width in pixels it was trained on; empty when the file does not say
 * @param scalingFactor latents of the denoiser = (latents of the VAE - shiftFactor) x scalingFactor
 * @param shiftFactor see there; 0 when the file has none
 * @param quantConv a 1 x 1 convolution follows the encoder
 * @param postQuantConv a 1 x 1 convolution precedes the decoder
 * @param middleAttention the middle blocks have an attention between their two residual blocks
 * @param forceUpcast overflows in float16: run it in float32
 * @param warnings keys of the file that are not known, one line each
 */
public record VaeConfig(
        int inChannels,
        int outChannels,
        int latentChannels,
        List<Integer> channels,
        int layersPerBlock,
        int normGroups,
        List<Integer> sampleSize,
        double scalingFactor,
        double shiftFactor,
        boolean quantConv,
        boolean postQuantConv,
        boolean middleAttention,
        boolean forceUpcast,
        List<String> warnings) {
    private static final int MAX_WIDTH = 1 << 16;

    /** Keeps its own copies of the lists. */
    public VaeConfig {
        channels = List.copyOf(channels);
        sampleSize = List.copyOf(sampleSize);
        warnings = List.copyOf(warnings);
    }

    /** Pixels per latent element along one side: 2 to the number of halvings. */
    public int downscale() {
        return 1 << (channels.size() - 1);
    }

    /**
     * Reads and checks one file, with the defaults of diffusers' {@code AutoencoderKL}.
     *
     * @param path {@code vae/config.json}
     * @throws UserException naming file, key and value of the first thing that is wrong or has no code here
     */
    public static VaeConfig read(Path path) {
        return read(ConfigFile.read(path));
    }

    /** As {@link #read(Path)}, of a description that is open already. */
    public static VaeConfig read(ConfigFile file) {
        file.only("_class_name", "AutoencoderKL");
        file.only("act_fn", "silu", "swish");
        file.only("latents_mean", (Object) null);
        file.only("latents_std", (Object) null);
        List<Integer> channels = channels(file);
        requireBlocks(file, "down_block_types", "DownEncoderBlock2D", channels.size());
        requireBlocks(file, "up_block_types", "UpDecoderBlock2D", channels.size());
        return new VaeConfig(
                file.integer("in_channels", 3, 1, MAX_WIDTH),
                file.integer("out_channels", 3, 1, MAX_WIDTH),
                file.integer("latent_channels", 4, 1, MAX_WIDTH),
                channels,
                file.integer("layers_per_block", 1, 1, 128),
                file.integer("norm_num_groups", 32, 1, MAX_WIDTH),
                SampleSize.read(file),
                scalingFactor(file),
                file.number("shift_factor", 0, -1000, 1000),
                file.flag("use_quant_conv", true),
                file.flag("use_post_quant_conv", true),
                file.flag("mid_block_add_attention", true),
                file.flag("force_upcast", true),
                file.warnings());
    }

    private static List<Integer> channels(ConfigFile file) {
        List<Integer> channels = file.integers("block_out_channels", List.of(64), 1, MAX_WIDTH);
        int groups = file.integer("norm_num_groups", 32, 1, MAX_WIDTH);
        if (channels.isEmpty() || channels.size() > 16) {
            throw file.refusal("block_out_channels", "expected 1 to 16 levels");
        }
        if (channels.stream().anyMatch(width -> width % groups != 0)) {
            throw file.refusal("block_out_channels", "each must be a multiple of norm_num_groups, " + groups);
        }
        return channels;
    }

    private static void requireBlocks(ConfigFile file, String key, String type, int levels) {
        if (!file.texts(key, List.of(type)).equals(Collections.nCopies(levels, type))) {
            throw file.refusal(
                    key, "supported: \"" + type + "\", once for each of block_out_channels (" + levels + ")");
        }
    }

    private static double scalingFactor(ConfigFile file) {
        return file.number("scaling_factor", 0.18215, 1e-4, 1e4);
    }
}
