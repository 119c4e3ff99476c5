package org.imagerl.ctrl.objective;

import java.util.List;
import java.util.Map;
import org.imagerl.spi.Preset;

/** The two algorithms of CTRL, which have the same optimum. */
public final class CtrlPresets {
    private static final String CITATION =
            "Zhao, Uehara, Scalia, Kung, Biancalani, Levine, Hajiramezanali: Adding Conditional Control to Diffusion"
                    + " Models with Reinforcement Learning, 2024, arXiv 2406.12120";

    private CtrlPresets() {}

    /**
     * The published run on JPEG compressibility: 50 steps, guidance 7.5, a LoRA of rank 4, learning rate 1e-3, weight
     * decay 0.1, and an update for every batch of rollouts, which is an epoch here. Its {@code max_grad_norm} of 5 is
     * of a loss in another unit (the divergence per element, times 0.01), and is not taken over; the tenfold learning
     * rate of the embeddings is {@code augmentation.learning_rate_factor}.
     */
    private static Map<String, Map<String, Object>> run() {
        return Map.of(
                "rollout", Map.of("steps", 50, "guidance", 7.5),
                "tuning", Map.of("type", "lora", "rank", 4, "alpha", 4.0),
                "optimiser", Map.of("learning_rate", 1e-3, "weight_decay", 0.1, "updates_per_epoch", 1));
    }

    /** The presets. */
    public static List<Preset> all() {
        return List.of(
                new Preset(
                        "ctrl",
                        "CTRL by back-propagation through sampler, decoder and classifier",
                        CITATION,
                        Map.of(
                                "objective", Map.of("type", "ctrl"),
                                "advantage", Map.of("type", "batch"),
                                "selection", Map.of("type", "all")),
                        Map.of(),
                        run()),
                new Preset(
                        "ctrl-pg",
                        "CTRL as policy gradient: reward gamma log p(y | x), exact divergence per step",
                        CITATION,
                        Map.of(
                                "likelihood", Map.of("type", "transition"),
                                "ratio", Map.of("type", "importance"),
                                "trust_region", Map.of("type", "clip", "range", 1e-4),
                                "step_weight", Map.of("type", "uniform"),
                                "penalty", Map.of("type", "kl-mean", "coefficient", 1.0, "variance", "step"),
                                "advantage", Map.of("type", "rloo"),
                                "selection", Map.of("type", "all"),
                                "max_advantage", 1e6)));
    }
}
