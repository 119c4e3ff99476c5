package org.imagerl.flow.singlefile;

import java.util.List;
import org.imagerl.latent.checkpoint.ConfigJson;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.lora.files.JointNames;
import org.imagerl.toolkit.original.TensorGroup;
import tools.jackson.databind.node.ObjectNode;

/** The transformer of FLUX.1 in a single file, with the names of Black Forest Labs. */
final class FluxFormat {
    private static final String MARK = "double_blocks.0.img_attn.norm.key_norm.scale";

    /** A head has 16 numbers of 128 for the first coordinate, and 56 for each of the others. */
    private static final int SIXTEENTHS = 16;

    private static final int AXIS_SIXTEENTHS = 7;

    /** How it is read and written. */
    static final JointFormat FORMAT = new JointFormat(MARK, JointNames.FLUX, FluxFormat::config);

    private FluxFormat() {}

    private static ObjectNode config(TensorGroup file) {
        int head = file.size(MARK, 0);
        ObjectNode node = ConfigJson.diffusers("FluxTransformer2DModel");
        node.put("attention_head_dim", head);
        ConfigJson.integers(node, "axes_dims_rope", axes(file, head));
        node.put("guidance_embeds", guided(file));
        node.put("in_channels", file.size("img_in.weight", 1));
        node.put("joint_attention_dim", file.size("txt_in.weight", 1));
        node.put("num_attention_heads", Math.max(1, file.size("img_in.weight", 0) / head));
        node.put("num_layers", file.count("double_blocks\\.(\\d{1,4})\\."));
        node.put("num_single_layers", file.count("single_blocks\\.(\\d{1,4})\\."));
        node.put("out_channels", file.size("final_layer.linear.weight", 0));
        node.put("patch_size", 1);
        node.put("pooled_projection_dim", file.size("vector_in.in_layer.weight", 1));
        return node;
    }

    /** Whether it is conditioned on the guidance scale, as FLUX.1 dev is. */
    static boolean guided(TensorGroup file) {
        return file.has("guidance_in.in_layer.weight");
    }

    private static List<Integer> axes(TensorGroup file, int head) {
        if (head % (2 * SIXTEENTHS) != 0) {
            throw UserException.input(file.file().path() + ": its attentions have heads of " + head
                    + " numbers, which is no multiple of " + 2 * SIXTEENTHS
                    + "; how they are turned by positions is known for no such model");
        }
        int axis = AXIS_SIXTEENTHS * head / SIXTEENTHS;
        return List.of(head - 2 * axis, axis, axis);
    }
}
