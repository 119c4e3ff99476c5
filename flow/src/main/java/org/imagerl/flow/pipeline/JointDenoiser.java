package org.imagerl.flow.pipeline;

import java.util.List;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Scope;

/** What the denoisers of joint transformers have in common. */
final class JointDenoiser {

    /**
     * Queries, keys, values and outputs of both sides of the joint attentions (Liu et al., Flow-GRPO, 2025, arXiv 2505.05470, published
     * code). In FLUX's single blocks these names are those of the one attention there is.
     */
    private static final List<String> LORA_TARGETS = List.of(
            "attn.add_k_proj",
            "attn.add_q_proj",
            "attn.add_v_proj",
            "attn.to_add_out",
            "attn.to_k",
            "attn.to_out.0",
            "attn.to_q",
            "attn.to_v");

    private JointDenoiser() {}

    /**
     * Latents as a network sees them.
     *
     * @param patch height and width of what becomes a token
     * @param side of the latents that the checkpoint was trained on
     */
    record Latents(int channels, int patch, int maxSide, int side) {}

    /**
     * A denoiser.
     *
     * @param width of the tokens between the blocks
     */
    static Denoiser of(ParameterStore network, Latents latents, int width, Denoiser.Forward forward) {
        // Of each token the residual stream, queries, keys and values, and the four widths inside the feed-forward
        // layer.
        long activations = width * 8L;
        return new Denoiser(
                network,
                latents.channels,
                latents.patch,
                latents.maxSide,
                List.of(latents.side, latents.side),
                activations,
                width,
                LORA_TARGETS,
                (x, timesteps, conditioning) -> Scope.of(() -> forward.denoise(x, timesteps, conditioning)));
    }
}
