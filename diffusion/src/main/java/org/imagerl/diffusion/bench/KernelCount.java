package org.imagerl.diffusion.bench;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.toolkit.nn.Adaptable;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.Network;

/**
 * The heavy operations of one forward pass of a UNet of the benchmark, read off the module paths: a path tells the level, and the
 * level the size of the feature map.
 */
final class KernelCount {
    private static final int HEADS = 8;
    private static final Pattern BLOCK = Pattern.compile("(down|up)_blocks\\.(\\d+)\\..*");

    private final int levels;
    private final int latentSize;
    private final int tokens;
    private final Map<Kernel, Integer> counts = new LinkedHashMap<>();

    private KernelCount(int levels, int latentSize, int tokens) {
        this.levels = levels;
        this.latentSize = latentSize;
        this.tokens = tokens;
    }

    /** How often each kernel runs. */
    static Map<Kernel, Integer> of(Network unet, int levels, int latentSize, int tokens) {
        KernelCount count = new KernelCount(levels, latentSize, tokens);
        unet.adaptables().forEach(count::add);
        return count.counts;
    }

    private void add(String path, Adaptable layer) {
        Shape weight = layer.weight().shape();
        int out = (int) weight.get(0);
        int in = (int) weight.get(1);
        if (layer instanceof Conv2d) {
            boolean down = path.contains("downsamplers");
            // An upsampler enlarges before its convolution.
            int size = path.contains("upsamplers") ? 2 * size(path) : size(path);
            add(new Kernel.Convolution(in, out, (int) weight.get(2), down ? 2 : 1, size));
        } else {
            add(new Kernel.Product(rows(path), in, out));
        }
        if (path.endsWith("attn1.to_q") || path.endsWith("attn2.to_q")) {
            int pixels = size(path) * size(path);
            add(new Kernel.Attention(pixels, path.endsWith("attn1.to_q") ? pixels : tokens, out, HEADS));
        }
    }

    private void add(Kernel kernel) {
        counts.merge(kernel, 1, Integer::sum);
    }

    /** Rows of a linear layer's input: pixels, the tokens of the text, or the one time embedding. */
    private int rows(String path) {
        if (path.startsWith("time_embedding") || path.endsWith("time_emb_proj")) {
            return 1;
        }
        boolean ofText = path.endsWith("attn2.to_k") || path.endsWith("attn2.to_v");
        return ofText ? tokens : size(path) * size(path);
    }

    private int size(String path) {
        return latentSize >> level(path);
    }

    private int level(String path) {
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
