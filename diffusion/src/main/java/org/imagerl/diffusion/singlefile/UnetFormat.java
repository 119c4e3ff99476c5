package org.imagerl.diffusion.singlefile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.imagerl.latent.checkpoint.ConfigJson;
import org.imagerl.latent.source.ComponentFormat;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.original.OriginalLayout;
import org.imagerl.toolkit.original.TensorGroup;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import tools.jackson.databind.node.ObjectNode;

/**
 * A UNet in a single file. Its levels, widths and layers follow from shapes.
 *
 * @param sampleSize elements along a side of the latents that it was trained on
 * @param heads of every attention, which no shape tells; empty: as many as there are 64 channels
 */
record UnetFormat(int sampleSize, OptionalInt heads) implements ComponentFormat {
    /** Where UNets are: in whole checkpoints, and alone. */
    static final String[] PREFIXES = {"model.diffusion_model.", ""};

    static final String MARK = "input_blocks.0.0.weight";
    private static final int HEAD_WIDTH = 64;

    /** Beyond, the description is refused by its reader. */
    private static final int MAX_LEVELS = 16;

    /** SDXL's, where no second text encoder in the file tells it by its projection. */
    private static final int TIME_DIM = 256;

    private static final int IMAGE_SIZES = 6;
    private static final String PROJECTION = "conditioner.embedders.1.model.text_projection";

    @Override
    public Optional<Found> find(SafetensorsFile file) {
        return TensorGroup.with(file, MARK, PREFIXES)
                .map(group -> new Found(group.prefix(), layout(), new Description(group).config()));
    }

    @Override
    public String prefix() {
        return PREFIXES[0];
    }

    @Override
    public OriginalLayout.Maker layout() {
        return UnetKeys::new;
    }

    /** Follows the blocks of one UNet. */
    private final class Description {
        private final TensorGroup file;
        private final List<Integer> channels = new ArrayList<>();
        private final List<Integer> depths = new ArrayList<>();
        private final List<Integer> blocks = new ArrayList<>();

        Description(TensorGroup file) {
            this.file = file;
        }

        ObjectNode config() {
            down();
            int middle = depth("middle_block.1");
            int levels = channels.size();
            ObjectNode node = ConfigJson.diffusers("UNet2DConditionModel").put("act_fn", "silu");
            ConfigJson.integers(
                    node,
                    "attention_head_dim",
                    channels.stream().map(this::heads).toList());
            ConfigJson.integers(node, "block_out_channels", channels);
            node.put("cross_attention_dim", textWidth());
            ConfigJson.strings(node, "down_block_types", types(depths, "CrossAttnDownBlock2D", "DownBlock2D"));
            node.put("downsample_padding", 1);
            node.put("flip_sin_to_cos", true);
            node.put("freq_shift", 0);
            node.put("in_channels", file.size(MARK, 1));
            node.put("layers_per_block", blocks.get(0));
            node.put("mid_block_scale_factor", 1);
            node.put("norm_eps", 1e-5);
            node.put("norm_num_groups", 32);
            node.put("out_channels", file.size("out.2.weight", 0));
            node.put("sample_size", sampleSize);
            // The middle block has the depth that is written for the last level.
            depths.set(levels - 1, depths.get(levels - 1) == 0 ? middle : depths.get(levels - 1));
            ConfigJson.integers(
                    node,
                    "transformer_layers_per_block",
                    depths.stream().map(depth -> Math.max(1, depth)).toList());
            ConfigJson.strings(node, "up_block_types", types(up(), "CrossAttnUpBlock2D", "UpBlock2D"));
            node.put(
                    "use_linear_projection",
                    file.shape("middle_block.1.proj_in.weight").dimension() == 2);
            if (file.has("label_emb.0.0.weight")) {
                textTime(node);
            }
            return node;
        }

        /** Input blocks are numbered through; a downsampler of its own ends each level but the last. */
        private void down() {
            int inputs = file.count("input_blocks\\.(\\d{1,3})\\.");
            begin(1);
            for (int i = 1; i < inputs && channels.size() <= MAX_LEVELS; i++) {
                String block = "input_blocks." + i;
                if (file.has(block + ".0.op.weight")) {
                    begin(i + 1);
                } else {
                    blocks.set(blocks.size() - 1, 1 + blocks.get(blocks.size() - 1));
                }
            }
            if (blocks.stream().distinct().count() > 1) {
                throw UserException.input(file.file().path() + ": its UNet has levels of " + blocks
                        + " residual blocks; only UNets with as many in each are known");
            }
        }

        private void begin(int input) {
            String block = "input_blocks." + input;
            channels.add(file.size(block + ".0.out_layers.3.weight", 0));
            depths.add(depth(block + ".1"));
            blocks.add(0);
        }

        private int depth(String transformer) {
            return file.count(transformer.replace(".", "\\.") + "\\.transformer_blocks\\.(\\d{1,3})\\.");
        }

        /** Transformer layers of the levels on the way up, coarsest first. */
        private List<Integer> up() {
            List<Integer> up = new ArrayList<>();
            for (int level = 0; level < channels.size(); level++) {
                up.add(depth("output_blocks." + level * (blocks.get(0) + 1) + ".1"));
            }
            return up;
        }

        private static List<String> types(List<Integer> depths, String attending, String plain) {
            return depths.stream().map(depth -> depth > 0 ? attending : plain).toList();
        }

        private int heads(int width) {
            return heads.orElse(width % HEAD_WIDTH == 0 ? width / HEAD_WIDTH : 1);
        }

        private int textWidth() {
            return file.size("middle_block.1.transformer_blocks.0.attn2.to_k.weight", 1);
        }

        private void textTime(ObjectNode node) {
            int input = file.size("label_emb.0.0.weight", 1);
            boolean known = file.file().has(PROJECTION);
            int pooled = known ? new TensorGroup(file.file(), "").size(PROJECTION, 1) : 0;
            node.put("addition_embed_type", "text_time");
            node.put("addition_time_embed_dim", known ? Math.max(1, (input - pooled) / IMAGE_SIZES) : TIME_DIM);
            node.put("projection_class_embeddings_input_dim", input);
        }
    }
}
