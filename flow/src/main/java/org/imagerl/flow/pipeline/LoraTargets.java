package org.imagerl.flow.pipeline;

import java.util.List;

/** What published trainings of joint transformers adapt. */
final class LoraTargets {

    /**
     * Queries, keys, values and outputs of both sides of the joint attentions (Liu et al., Flow-GRPO, 2025, arXiv 2505.05470, published
     * code). In FLUX's single blocks these names are those of the one attention there is.
     */
    static final List<String> JOINT_ATTENTION = List.of(
            "attn.add_k_proj",
            "attn.add_q_proj",
            "attn.add_v_proj",
            "attn.to_add_out",
            "attn.to_k",
            "attn.to_out.0",
            "attn.to_q",
            "attn.to_v");

    private LoraTargets() {}
}
