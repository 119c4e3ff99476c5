package org.imagerl.diffusion.ddpo;

import java.util.List;
import java.util.Map;
import org.imagerl.spi.Preset;

/** DDPO as recipes: with importance sampling for several updates per rollout (DDPO-IS), and as plain REINFORCE (DDPO-SF). */
public final class DdpoPresets {
    private static final String CITATION =
            "Black, Janner, Du, Kostrikov, Levine: Training Diffusion Models with Reinforcement Learning, 2023, arXiv"
                    + " 2305.13301";

    private DdpoPresets() {}

    /** The presets. */
    public static List<Preset> all() {
        return List.of(
                new Preset(
                        "ddpo",
                        "DDPO with importance sampling and PPO's clip",
                        CITATION,
                        parts("importance", clip()),
                        Map.of(),
                        run(4)),
                new Preset(
                        "ddpo-sf",
                        "DDPO as score-function estimator: one update per epoch",
                        CITATION,
                        parts("score-function", Map.of("type", "none")),
                        Map.of(),
                        run(1)));
    }

    /**
     * The published runs: ddpo-pytorch's {@code config/base.py} and {@code config/dgx.py}, {@code compressibility}: 256 images and four updates of 64 an
     * epoch (of one for the score function, the paper's appendix). The rank is that of its LoRA; TRL's {@code DDPOTrainer} has the same. There are no
     * groups: prompts are drawn one by one, so that the samples of a prompt are left to the run.
     *
     * @param updates per epoch
     */
    private static Map<String, Map<String, Object>> run(int updates) {
        return Map.of(
                "rollout", Map.of("steps", 50, "guidance", 5.0),
                "tuning", Map.of("type", "lora", "rank", 4, "alpha", 4.0, "init", "gaussian"),
                "optimiser", Map.of("learning_rate", 3e-4, "updates_per_epoch", updates));
    }

    private static Map<String, Object> clip() {
        return Map.of("type", "clip", "range", 1e-4);
    }

    private static Map<String, Object> parts(String ratio, Map<String, Object> trustRegion) {
        return Map.of(
                "likelihood", Map.of("type", "transition"),
                "ratio", Map.of("type", ratio),
                "trust_region", trustRegion,
                "step_weight", Map.of("type", "uniform"),
                "advantage", Map.of("type", "per-prompt"),
                "selection", Map.of("type", "all"));
    }
}
