package org.imagerl.flow.singlefile;

import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.latent.checkpoint.ConfigJson;
import org.imagerl.toolkit.lora.files.JointNames;
import org.imagerl.toolkit.original.TensorGroup;
import tools.jackson.databind.node.ObjectNode;

/**
 * The transformer of SD3 and SD3.5 in a single file. All its sizes follow from the shapes of tensors, except the width
 * of a head of SD3.
 */
final class Sd3Format {
    private static final String MARK = "joint_blocks.0.context_block.adaLN_modulation.1.bias";

    /** In both. */
    private static final int HEAD_WIDTH = 64;

    /** Elements along a side of the latents that both were trained on. */
    private static final int SAMPLE_SIZE = 128;

    /** How it is read and written. */
    static final JointFormat FORMAT = new JointFormat(MARK, JointNames.SD3, Sd3Format::config);

    private Sd3Format() {}

    private static ObjectNode config(TensorGroup file) {
        int width = file.size("context_embedder.weight", 0);
        int layers = file.count("joint_blocks\\.(\\d{1,4})\\.");
        int patch = file.size("x_embedder.proj.weight", 2);
        String norm = "joint_blocks.0.x_block.attn.ln_q.weight";
        int head = file.has(norm) ? file.size(norm, 0) : HEAD_WIDTH;
        int positions = (int) Math.round(Math.sqrt(file.size("pos_embed", 1)));
        ObjectNode node = ConfigJson.diffusers("SD3Transformer2DModel");
        node.put("attention_head_dim", head);
        node.put("caption_projection_dim", width);
        ConfigJson.integers(node, "dual_attention_layers", dual(file, layers));
        node.put("in_channels", file.size("x_embedder.proj.weight", 1));
        node.put("joint_attention_dim", file.size("context_embedder.weight", 1));
        node.put("num_attention_heads", Math.max(1, width / head));
        node.put("num_layers", layers);
        node.put("out_channels", Math.max(1, file.size("final_layer.linear.weight", 0) / (patch * patch)));
        node.put("patch_size", patch);
        node.put("pooled_projection_dim", file.size("y_embedder.mlp.0.weight", 1));
        node.put("pos_embed_max_size", positions);
        node.put("qk_norm", file.has(norm) ? "rms_norm" : null);
        node.put("sample_size", Math.min(SAMPLE_SIZE, positions * patch));
        return node;
    }

    private static List<Integer> dual(TensorGroup file, int layers) {
        return IntStream.range(0, layers)
                .filter(i -> file.has("joint_blocks." + i + ".x_block.attn2.qkv.weight"))
                .boxed()
                .toList();
    }
}
