package org.imagerl.bench.denoiser;

import org.jspecify.annotations.Nullable;

/**
 * The sizes of the transformer that is measured; the defaults are those of a published checkpoint and an image of 512 x
 * 512.
 *
 * @param width E, of the tokens between the blocks; a multiple of 128
 * @param blocks joint blocks; by default as many as {@code memoryGb} has room for, at most those that are published
 * @param latentSize height and width of the latent, even
 * @param textTokens tokens of the prompt
 * @param rank of the low-rank adapters on attention
 * @param repeats each number is the median of so many
 * @param memoryGb GB that a training step may take; by default 60 % of what this machine has free
 * @param folder where the random weights are written; by default the system's folder for temporary files
 * @param work what alone is measured, on weights that are in no file; by default everything
 */
record TransformerSizes(
        int width,
        @Nullable Integer blocks,
        int latentSize,
        int textTokens,
        int rank,
        int repeats,
        @Nullable Double memoryGb,
        @Nullable String folder,
        DenoiserBenchmark.@Nullable Work work) {
    /** Height and width of the patches that become tokens. */
    private static final int PATCH = 2;

    /** Checks the ranges. */
    public TransformerSizes {
        DenoiserBenchmark.Settings.check(rank, repeats);
        if (width < 128 || width % 128 != 0) {
            throw new IllegalArgumentException("width must be a multiple of 128, the width of a head or two");
        }
        if (latentSize < PATCH || latentSize % PATCH != 0) {
            throw new IllegalArgumentException("latent_size must be a multiple of " + PATCH + ", the size of a patch");
        }
        if (textTokens < 1 || (blocks != null && blocks < 1)) {
            throw new IllegalArgumentException("text_tokens and blocks must be at least 1");
        }
        if (memoryGb != null && !(memoryGb > 0)) {
            throw new IllegalArgumentException("memory_gb must be above 0");
        }
    }

    /** n, tokens of the image. */
    int imageTokens() {
        return (latentSize / PATCH) * (latentSize / PATCH);
    }

    /** All tokens. */
    int tokens() {
        return imageTokens() + textTokens;
    }

    DenoiserBenchmark.Settings settings() {
        return new DenoiserBenchmark.Settings(rank, repeats, folder, work);
    }

    /** "latent of 64 x 64 and 333 tokens of text". */
    String inputs() {
        return "latent of " + latentSize + " x " + latentSize + " and " + textTokens + " tokens of text";
    }
}
