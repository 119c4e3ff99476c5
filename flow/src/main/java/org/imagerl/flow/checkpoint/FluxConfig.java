package org.imagerl.flow.checkpoint;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.hub.ConfigFile;

/**
 * A {@code FluxTransformer2DModel} as its {@code config.json} describes it.
 *
 * @param inChannels numbers of a token: a patch of 2 x 2 elements of all channels of the latents
 * @param outChannels numbers of a token of the prediction
 * @param doubleLayers blocks with weights of their own for text and image
 * @param singleLayers blocks after those with the same weights for both
 * @param heads of every attention
 * @param headWidth numbers of each head; {@link #width} is the product
 * @param textWidth of the text's tokens ({@code joint_attention_dim})
 * @param pooledWidth of the pooled text
 * @param guidance whether it is conditioned on the guidance scale (FLUX.1 dev is, schnell is not)
 * @param rotaryWidths how many numbers of each head are turned by each of the coordinates of a position; their sum is {@code headWidth}
 * @param warnings keys of the file that are not known, one line each
 */
public record FluxConfig(
        int inChannels,
        int outChannels,
        int doubleLayers,
        int singleLayers,
        int heads,
        int headWidth,
        int textWidth,
        int pooledWidth,
        boolean guidance,
        List<Integer> rotaryWidths,
        List<String> warnings) {
    /** Height and width of the patches that become tokens. */
    public static final int PATCH = 2;

    /** Coordinates of a position: one that is always 0, row, column. */
    public static final int AXES = 3;

    private static final int MAX_WIDTH = 1 << 16;
    private static final int MAX_LAYERS = 1024;

    /** Keeps its own copies of the lists. */
    public FluxConfig {
        rotaryWidths = List.copyOf(rotaryWidths);
        warnings = List.copyOf(warnings);
    }

    /** E, the width of the tokens between the blocks. */
    public int width() {
        return heads * headWidth;
    }

    /** c, channels of the latents. */
    public int latentChannels() {
        return inChannels / (PATCH * PATCH);
    }

    /**
     * Reads and checks one file, with the defaults of diffusers' {@code FluxTransformer2DModel}.
     *
     * @param path {@code transformer/config.json}
     * @throws org.imagerl.spi.UserException naming file, key and value of the first thing that is wrong or has no code here
     */
    public static FluxConfig read(Path path) {
        return read(ConfigFile.read(path));
    }

    /** As {@link #read(Path)}, of a description that is open already. */
    public static FluxConfig read(ConfigFile file) {
        file.only("_class_name", "FluxTransformer2DModel");
        // The patches are made before the network; a patch size of its own has never been used.
        file.only("patch_size", 1);
        int in = file.integer("in_channels", 64, 1, MAX_WIDTH);
        int headWidth = file.integer("attention_head_dim", 128, 2, 4096);
        FluxConfig config = new FluxConfig(
                in,
                file.optionalInteger("out_channels", 1, MAX_WIDTH).orElse(in),
                file.integer("num_layers", 19, 0, MAX_LAYERS),
                file.integer("num_single_layers", 38, 0, MAX_LAYERS),
                file.integer("num_attention_heads", 24, 1, 1024),
                headWidth,
                file.integer("joint_attention_dim", 4096, 1, MAX_WIDTH),
                file.integer("pooled_projection_dim", 768, 1, MAX_WIDTH),
                file.flag("guidance_embeds", false),
                file.integers("axes_dims_rope", List.of(16, 56, 56), 2, 4096),
                file.warnings());
        config.check(file);
        return config;
    }

    private void check(ConfigFile file) {
        boolean even = rotaryWidths.stream().allMatch(width -> width % 2 == 0);
        int sum = rotaryWidths.stream().mapToInt(Integer::intValue).sum();
        if (rotaryWidths.size() != AXES || !even || sum != headWidth) {
            throw file.refusal(
                    "axes_dims_rope",
                    "expected " + AXES + " even numbers whose sum is attention_head_dim, " + headWidth);
        }
        if (inChannels % (PATCH * PATCH) != 0) {
            throw file.refusal("in_channels", "it must be 4 times the channels of the latents");
        }
    }
}
