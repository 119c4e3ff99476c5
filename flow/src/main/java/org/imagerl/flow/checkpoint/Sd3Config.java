package org.imagerl.flow.checkpoint;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.hub.ConfigFile;

/**
 * An {@code SD3Transformer2DModel} (SD3 or SD3.5) as its {@code config.json} describes it.
 *
 * @param inChannels channels of the latents
 * @param outChannels channels of the prediction
 * @param sampleSize height and width of the latents it was trained on
 * @param patchSize p, height and width of the patches of a latent that become tokens
 * @param layers joint blocks
 * @param heads of every attention
 * @param headWidth numbers of each head; {@link #width} is the product
 * @param textWidth of the text's tokens ({@code joint_attention_dim})
 * @param pooledWidth of the pooled text
 * @param maxPatches rows and columns of the table of positions, the most patches along one side ({@code pos_embed_max_size})
 * @param dualLayers blocks whose image has a second attention to itself (SD3.5 medium)
 * @param normalised whether queries and keys are normalised (SD3.5)
 * @param warnings keys of the file that are not known, one line each
 */
public record Sd3Config(
        int inChannels,
        int outChannels,
        int sampleSize,
        int patchSize,
        int layers,
        int heads,
        int headWidth,
        int textWidth,
        int pooledWidth,
        int maxPatches,
        List<Integer> dualLayers,
        boolean normalised,
        List<String> warnings) {
    private static final int MAX_WIDTH = 1 << 16;
    private static final int MAX_LAYERS = 1024;

    /** Keeps its own copies of the lists. */
    public Sd3Config {
        dualLayers = List.copyOf(dualLayers);
        warnings = List.copyOf(warnings);
    }

    /** E, the width of the tokens between the blocks. */
    public int width() {
        return heads * headWidth;
    }

    /**
     * Reads and checks one file, with the defaults of diffusers' {@code SD3Transformer2DModel}.
     *
     * @param path {@code transformer/config.json}
     * @throws org.imagerl.spi.UserException naming file, key and value of the first thing that is wrong or has no code here
     */
    public static Sd3Config read(Path path) {
        return read(ConfigFile.read(path));
    }

    /** As {@link #read(Path)}, of a description that is open already. */
    public static Sd3Config read(ConfigFile file) {
        file.only("_class_name", "SD3Transformer2DModel");
        file.only("qk_norm", null, "rms_norm");
        int in = file.integer("in_channels", 16, 1, MAX_WIDTH);
        int layers = file.integer("num_layers", 18, 1, MAX_LAYERS);
        Sd3Config config = new Sd3Config(
                in,
                file.optionalInteger("out_channels", 1, MAX_WIDTH).orElse(in),
                file.integer("sample_size", 128, 1, MAX_WIDTH),
                file.integer("patch_size", 2, 1, 64),
                layers,
                file.integer("num_attention_heads", 18, 1, 1024),
                file.integer("attention_head_dim", 64, 1, 4096),
                file.integer("joint_attention_dim", 4096, 1, MAX_WIDTH),
                file.integer("pooled_projection_dim", 2048, 1, MAX_WIDTH),
                file.integer("pos_embed_max_size", 96, 1, 4096),
                file.integers("dual_attention_layers", List.of(), 0, layers - 1),
                file.optionalText("qk_norm").isPresent(),
                warnings(file));
        config.check(file);
        return config;
    }

    /** Says first of the last keys that they are known. */
    private static List<String> warnings(ConfigFile file) {
        file.ignore("caption_projection_dim");
        return file.warnings();
    }

    private void check(ConfigFile file) {
        if (file.integer("caption_projection_dim", 1152, 1, MAX_WIDTH) != width()) {
            throw file.refusal(
                    "caption_projection_dim",
                    "it must be num_attention_heads x attention_head_dim, " + heads + " x " + headWidth);
        }
        if (width() % 4 != 0) {
            throw file.refusal(
                    "attention_head_dim",
                    "num_attention_heads x attention_head_dim must be a multiple of 4, the positions are made of four"
                            + " parts");
        }
        if (sampleSize / patchSize > maxPatches) {
            throw file.refusal(
                    "pos_embed_max_size", "it must be at least sample_size / patch_size, " + sampleSize / patchSize);
        }
    }
}
