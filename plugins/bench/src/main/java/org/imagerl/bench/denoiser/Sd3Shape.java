package org.imagerl.bench.denoiser;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.pipeline.Sd3Denoiser;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.ParameterStore;

/**
 * Blocks of Stable Diffusion 3.5 medium: the same share of them has a second attention, and the last one has no text
 * output.
 */
record Sd3Shape(TransformerSizes sizes, BlockCount blocks) implements TransformerShape {
    private static final int PUBLISHED_BLOCKS = 24;
    private static final int PUBLISHED_DUAL = 13;
    private static final int HEAD_WIDTH = 64;
    private static final int POOLED_WIDTH = 2048;

    /** Of a block with a second attention: 16 + 12 of layers on tokens, 9 + 6 of adaptive norms. */
    private static final int SQUARES = 43;

    /** The last block has no output for the text, which the LoRA step adapts. */
    private static final int LEAST_BLOCKS = 2;

    static Sd3Shape of(TransformerSizes sizes) {
        BlockCount blocks = BlockCount.of(sizes, PUBLISHED_BLOCKS, SQUARES, 1, LEAST_BLOCKS);
        if (blocks.count() < LEAST_BLOCKS) {
            throw UserException.input("blocks must be at least " + LEAST_BLOCKS
                    + ", because the last one has no output for the text, which" + " the LoRA step adapts ("
                    + blocks.reason() + ")");
        }
        return new Sd3Shape(sizes, blocks);
    }

    @Override
    public String title() {
        return "SD3 transformer of width " + sizes.width() + " on a " + sizes.inputs() + ", " + blocks.reason();
    }

    /** stabilityai/stable-diffusion-3.5-medium's transformer/config.json, with a table of positions for this latent alone. */
    @Override
    public String config() {
        List<Integer> dual = IntStream.range(0, Math.round((float) blocks.count() * PUBLISHED_DUAL / PUBLISHED_BLOCKS))
                .boxed()
                .toList();
        return String.format(
                Locale.ROOT,
                """
                {
                  "_class_name": "SD3Transformer2DModel",
                  "attention_head_dim": %d,
                  "caption_projection_dim": %d,
                  "dual_attention_layers": %s,
                  "in_channels": %d,
                  "joint_attention_dim": %d,
                  "num_attention_heads": %d,
                  "num_layers": %d,
                  "out_channels": %d,
                  "patch_size": 2,
                  "pooled_projection_dim": %d,
                  "pos_embed_max_size": %d,
                  "qk_norm": "rms_norm",
                  "sample_size": %d
                }
                """,
                HEAD_WIDTH,
                sizes.width(),
                dual,
                CHANNELS,
                TEXT_WIDTH,
                heads(),
                blocks.count(),
                CHANNELS,
                POOLED_WIDTH,
                sizes.latentSize() / 2,
                sizes.latentSize());
    }

    private int heads() {
        return sizes.width() / HEAD_WIDTH;
    }

    @Override
    public Denoiser declare(Path file, Checkpointing checkpointing) {
        return Sd3Denoiser.declare(Sd3Config.read(file), checkpointing.on());
    }

    @Override
    public Map<String, NDArray> conditioning(NDManager manager) {
        return text(manager, POOLED_WIDTH);
    }

    @Override
    public Map<BenchKernel, Integer> kernels(ParameterStore network) {
        String last = "transformer_blocks." + (blocks.count() - 1);
        return BenchKernel.count(
                network, new TransformerKernels(sizes.imageTokens(), sizes.textTokens(), heads(), last)::of);
    }
}
