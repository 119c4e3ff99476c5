package org.imagerl.diffusion.checkpoint;

/**
 * One resolution level of a UNet, down or up: its residual blocks and, after each of them, a transformer.
 *
 * @param channels output channels of its residual blocks, a multiple of the number of norm groups
 * @param residualBlocks how many residual blocks: {@code layers_per_block} on the way down, one more on the way up
 * @param attention whether a transformer follows each residual block ({@code CrossAttn...Block2D})
 * @param heads attention heads; the width of a head is {@code channels / heads}
 * @param transformerLayers basic transformer blocks in each transformer, at least 1
 * @param crossAttentionDim width E of the text embedding
 * @param onlyCrossAttention the first attention of each basic transformer block looks at the text instead of at itself
 */
public record UnetLevel(
        int channels,
        int residualBlocks,
        boolean attention,
        int heads,
        int transformerLayers,
        int crossAttentionDim,
        boolean onlyCrossAttention) {}
