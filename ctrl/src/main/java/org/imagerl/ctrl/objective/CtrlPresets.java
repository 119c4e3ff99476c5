package org.imagerl.ctrl.objective;

import java.util.List;
import java.util.Map;
import org.imagerl.spi.Preset;

/** CTRL's two ways to one optimum. */
public final class CtrlPresets {
    private static final String CITATION =
            "Zhao, Uehara, Scalia, Kung, Biancalani, Levine, Hajiramezanali: Adding Conditional Control to Diffusion Models with"
                    + " Reinforcement Learning, 2024, arXiv 2406.12120";

    private CtrlPresets() {}

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
                                "selection", Map.of("type", "all"))),
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
                                "advantage", Map.of("type", "centred"),
                                "selection", Map.of("type", "all"),
                                "max_advantage", 1e6)));
    }
}
