package org.imagerl.latent.source;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.imagerl.latent.checkpoint.ConfigJson;
import org.imagerl.latent.vae.OriginalVaeKeys;
import org.imagerl.toolkit.original.OriginalLayout;
import org.imagerl.toolkit.original.TensorGroup;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import tools.jackson.databind.node.ObjectNode;

/**
 * A VAE in a single file, with the names of latent diffusion or with those of diffusers.
 *
 * @param prefix of its names in a whole checkpoint of the family
 * @param sampleSize pixels along a side of the images that it was trained on
 * @param scalingFactor no shape tells it: the family's, as diffusers takes it
 * @param shiftFactor likewise
 */
public record VaeFormat(String prefix, int sampleSize, double scalingFactor, double shiftFactor)
        implements ComponentFormat {
    private static final String[] PREFIXES = {"first_stage_model.", "vae.", ""};
    private static final String OWN_MARK = "decoder.mid.block_1.conv1.weight";
    private static final String DIFFUSERS_MARK = "decoder.mid_block.resnets.0.conv1.weight";

    @Override
    public Optional<Found> find(SafetensorsFile file) {
        return TensorGroup.with(file, OWN_MARK, PREFIXES)
                .map(group -> new Found(group.prefix(), layout(), config(group, "encoder.down", "block")))
                .or(() -> TensorGroup.with(file, DIFFUSERS_MARK, PREFIXES)
                        .map(group -> new Found(
                                group.prefix(),
                                OriginalLayout.Maker.SAME,
                                config(group, "encoder.down_blocks", "resnets"))));
    }

    @Override
    public OriginalLayout.Maker layout() {
        return OriginalVaeKeys::of;
    }

    private ObjectNode config(TensorGroup file, String levelName, String blockName) {
        ObjectNode node = ConfigJson.diffusers("AutoencoderKL").put("act_fn", "silu");
        List<Integer> channels = new ArrayList<>();
        int levels = file.count(levelName.replace(".", "\\.") + "\\.(\\d{1,2})\\.");
        IntStream.range(0, levels)
                .forEach(i -> channels.add(file.size(levelName + "." + i + "." + blockName + ".0.conv1.weight", 0)));
        ConfigJson.integers(node, "block_out_channels", channels);
        ConfigJson.strings(node, "down_block_types", Collections.nCopies(levels, "DownEncoderBlock2D"));
        node.put("in_channels", file.size("encoder.conv_in.weight", 1));
        node.put("latent_channels", file.size("decoder.conv_in.weight", 1));
        node.put(
                "layers_per_block",
                file.count(levelName.replace(".", "\\.") + "\\.0\\." + blockName + "\\.(\\d{1,3})\\."));
        node.put("mid_block_add_attention", attends(file));
        node.put("norm_num_groups", 32);
        node.put("out_channels", file.size("decoder.conv_out.weight", 0));
        node.put("sample_size", sampleSize);
        node.put("scaling_factor", scalingFactor);
        node.put("shift_factor", shiftFactor);
        ConfigJson.strings(node, "up_block_types", Collections.nCopies(levels, "UpDecoderBlock2D"));
        node.put("use_post_quant_conv", file.has("post_quant_conv.weight"));
        node.put("use_quant_conv", file.has("quant_conv.weight"));
        return node;
    }

    private static boolean attends(TensorGroup file) {
        return file.has("decoder.mid.attn_1.q.weight") || file.has("decoder.mid_block.attentions.0.to_q.weight");
    }
}
