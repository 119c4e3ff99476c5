package org.imagerl.bench.denoiser;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.pipeline.UnetDenoiser;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * A UNet with the structure of Stable Diffusion 1.5's. Its heavy operations are read off the module paths: a path tells the level,
 * and the level the size of the feature map.
 */
record UnetShape(UnetBenchmarkFactory.Config sizes) implements DenoiserShape {
    private static final int HEADS = 8;
    private static final int TOKENS = 77;
    private static final Pattern BLOCK = Pattern.compile("(down|up)_blocks\\.(\\d+)\\..*");

    @Override
    public String title() {
        return "UNet of channels " + sizes.channels() + " on a latent of " + sizes.latentSize() + " x "
                + sizes.latentSize();
    }

    /** runwayml/stable-diffusion-v1-5's unet/config.json with other sizes. */
    @Override
    public String config() {
        int attending = sizes.channels().size() - 1;
        List<String> down = new ArrayList<>(Collections.nCopies(attending, "CrossAttnDownBlock2D"));
        down.add("DownBlock2D");
        List<String> up = new ArrayList<>(List.of("UpBlock2D"));
        up.addAll(Collections.nCopies(attending, "CrossAttnUpBlock2D"));
        return String.format(
                Locale.ROOT, """
                {
                  "_class_name": "UNet2DConditionModel",
                  "act_fn": "silu",
                  "attention_head_dim": 8,
                  "block_out_channels": %s,
                  "center_input_sample": false,
                  "cross_attention_dim": %d,
                  "down_block_types": [%s],
                  "downsample_padding": 1,
                  "flip_sin_to_cos": true,
                  "freq_shift": 0,
                  "in_channels": 4,
                  "layers_per_block": 2,
                  "mid_block_scale_factor": 1,
                  "norm_eps": 1e-05,
                  "norm_num_groups": 32,
                  "out_channels": 4,
                  "sample_size": %d,
                  "up_block_types": [%s]
                }
                """, sizes.channels(), sizes.textWidth(), quoted(down), sizes.latentSize(), quoted(up));
    }

    private static String quoted(List<String> names) {
        return names.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
    }

    @Override
    public Denoiser declare(Path file, Checkpointing checkpointing) {
        return UnetDenoiser.declare(UnetConfig.read(file), checkpointing);
    }

    @Override
    public Shape latents() {
        return new Shape(1, 4, sizes.latentSize(), sizes.latentSize());
    }

    @Override
    public double timestep() {
        return 500;
    }

    @Override
    public Map<String, NDArray> conditioning(NDManager manager) {
        return Map.of("encoder_hidden_states", Kernels.randn(manager, 5, new Shape(1, TOKENS, sizes.textWidth())));
    }

    @Override
    public Map<BenchKernel, Integer> kernels(ParameterStore network) {
        return BenchKernel.count(network, this::kernels);
    }

    private List<BenchKernel> kernels(String path, Shape weight) {
        int out = (int) weight.get(0);
        int in = (int) weight.get(1);
        if (weight.dimension() == 4) {
            boolean down = path.contains("downsamplers");
            // An upsampler enlarges before its convolution.
            int size = path.contains("upsamplers") ? 2 * size(path) : size(path);
            return List.of(new BenchKernel.Convolution(in, out, (int) weight.get(2), down ? 2 : 1, size));
        }
        BenchKernel product = new BenchKernel.Product(rows(path), in, out);
        if (!path.endsWith("attn1.to_q") && !path.endsWith("attn2.to_q")) {
            return List.of(product);
        }
        int pixels = size(path) * size(path);
        int keys = path.endsWith("attn1.to_q") ? pixels : TOKENS;
        return List.of(product, new BenchKernel.Attention(pixels, keys, out, HEADS));
    }

    /** Rows of a linear layer's input: pixels, the tokens of the text, or the one time embedding. */
    private int rows(String path) {
        if (path.startsWith("time_embedding") || path.endsWith("time_emb_proj")) {
            return 1;
        }
        boolean ofText = path.endsWith("attn2.to_k") || path.endsWith("attn2.to_v");
        return ofText ? TOKENS : size(path) * size(path);
    }

    private int size(String path) {
        return sizes.latentSize() >> level(path);
    }

    private int level(String path) {
        int levels = sizes.channels().size();
        if (path.startsWith("mid_block")) {
            return levels - 1;
        }
        Matcher block = BLOCK.matcher(path);
        if (!block.matches()) {
            return 0;
        }
        int index = Integer.parseInt(block.group(2));
        return block.group(1).equals("down") ? index : levels - 1 - index;
    }
}
