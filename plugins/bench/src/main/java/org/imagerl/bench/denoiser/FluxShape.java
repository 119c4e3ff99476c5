package org.imagerl.bench.denoiser;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.pipeline.FluxDenoiser;
import org.imagerl.flow.transformer.ConditioningInputs;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;

/** Blocks of FLUX.1 dev: two single ones to each double one. */
record FluxShape(TransformerSizes sizes, BlockCount blocks) implements TransformerShape {
    private static final int PUBLISHED_BLOCKS = 19;
    private static final int SINGLES = 2;
    private static final int HEAD_WIDTH = 128;
    private static final int PATCH_NUMBERS = 64;
    private static final int POOLED_WIDTH = 768;
    private static final float GUIDANCE = 3.5f;

    /** Of a double block 12 + 12 of layers on tokens and 6 + 6 of adaptive norms; of each single one 12 and 3. */
    private static final int SQUARES = 36 + SINGLES * 15;

    static FluxShape of(TransformerSizes sizes) {
        return new FluxShape(sizes, BlockCount.of(sizes, PUBLISHED_BLOCKS, SQUARES, 1 + SINGLES, 1));
    }

    @Override
    public String title() {
        return "FLUX transformer of width " + sizes.width() + " on a " + sizes.inputs() + ", double blocks with "
                + SINGLES + " single ones each, " + blocks.reason();
    }

    /** black-forest-labs/FLUX.1-dev's transformer/config.json. */
    @Override
    public String config() {
        return String.format(
                Locale.ROOT,
                """
                {
                  "_class_name": "FluxTransformer2DModel",
                  "attention_head_dim": %d,
                  "axes_dims_rope": [16, 56, 56],
                  "guidance_embeds": true,
                  "in_channels": %d,
                  "joint_attention_dim": %d,
                  "num_attention_heads": %d,
                  "num_layers": %d,
                  "num_single_layers": %d,
                  "patch_size": 1,
                  "pooled_projection_dim": %d
                }
                """,
                HEAD_WIDTH,
                PATCH_NUMBERS,
                TEXT_WIDTH,
                heads(),
                blocks.count(),
                SINGLES * blocks.count(),
                POOLED_WIDTH);
    }

    private int heads() {
        return sizes.width() / HEAD_WIDTH;
    }

    @Override
    public Denoiser declare(Path file, Checkpointing checkpointing) {
        return FluxDenoiser.declare(FluxConfig.read(file), checkpointing.on());
    }

    @Override
    public Map<String, NDArray> conditioning(NDManager manager) {
        Map<String, NDArray> all = new TreeMap<>(text(manager, POOLED_WIDTH));
        all.put(ConditioningInputs.GUIDANCE, manager.full(new Shape(1), GUIDANCE));
        return all;
    }

    @Override
    public Map<BenchKernel, Integer> kernels(ParameterStore network) {
        return BenchKernel.count(
                network, new TransformerKernels(sizes.imageTokens(), sizes.textTokens(), heads(), "")::of);
    }
}
