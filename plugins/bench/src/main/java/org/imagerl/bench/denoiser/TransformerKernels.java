package org.imagerl.bench.denoiser;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The heavy operations of the transformers' layers, read off the module paths: a path tells which tokens pass through.
 *
 * @param last the path of a joint block of which only the image goes on; empty if there is none
 */
record TransformerKernels(int imageTokens, int textTokens, int heads, String last) {
    private static final Pattern OF_EMBEDDING =
            Pattern.compile("time_text_embed\\..*|.*norm(1|1_context|_out)?\\.linear");
    private static final Pattern OF_ALL = Pattern.compile("single_transformer_blocks\\..*");
    private static final Pattern OF_TEXT =
            Pattern.compile("context_embedder|.*\\.attn\\.(add_._proj|to_add_out)|.*\\.ff_context\\..*");

    /** The kernels of a layer; the embedding of patches is a matrix product too. */
    List<BenchKernel> of(String path, Shape weight) {
        int out = (int) weight.get(0);
        int in = (int) (weight.size() / out);
        if (path.equals(last + ".attn.add_q_proj")) {
            return List.of(); // in checkpoints, but nothing reads what it would give
        }
        BenchKernel product = new BenchKernel.Product(rows(path), in, out);
        if (path.endsWith(".attn2.to_q")) {
            return List.of(product, new BenchKernel.Attention(imageTokens, imageTokens, out, heads));
        }
        if (path.endsWith(".attn.to_q")) {
            int queries = path.startsWith(last + ".") ? imageTokens : imageTokens + textTokens;
            return List.of(product, new BenchKernel.Attention(queries, imageTokens + textTokens, out, heads));
        }
        return List.of(product);
    }

    private int rows(String path) {
        if (OF_EMBEDDING.matcher(path).matches()) {
            return 1;
        }
        if (OF_ALL.matcher(path).matches()) {
            return imageTokens + textTokens;
        }
        return OF_TEXT.matcher(path).matches() ? textTokens : imageTokens;
    }
}
