package org.imagerl.spi;

import java.util.List;

/** What is trained. */
public sealed interface TuningSpec {

    /** Components whose weights are trained, for instance {@code unet}, {@code text_encoder}; empty for the denoiser. */
    List<String> components();

    /**
     * Low-rank adapters (Hu et al., LoRA, 2021, arXiv 2106.09685): {@code W + (alpha / rank) B A}.
     *
     * @param rank at least 1
     * @param alpha the output is scaled by alpha / rank
     * @param targets patterns of module paths: a name matches a module whose path ends in it ({@code to_q},
     *     {@code attn1.to_q}); {@code *} stands for anything; empty for the layers that published trainings of the family adapt
     * @param init how A starts: {@code gaussian} (std 1 / rank) or {@code kaiming} (uniform, as PEFT); B starts at zero
     */
    record Lora(List<String> components, int rank, double alpha, List<String> targets, Init init)
            implements TuningSpec {
        /** How A starts. */
        public enum Init {
            GAUSSIAN,
            KAIMING
        }
    }

    /** All weights of the components. */
    record Full(List<String> components) implements TuningSpec {}
}
