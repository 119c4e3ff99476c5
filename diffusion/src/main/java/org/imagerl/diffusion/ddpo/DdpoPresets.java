package org.imagerl.diffusion.ddpo;

import java.util.List;
import java.util.Map;
import org.imagerl.spi.Preset;

/** DDPO as recipes: with importance sampling for several updates per rollout (DDPO-IS), and as plain REINFORCE (DDPO-SF). */
public final class DdpoPresets {
    private static final String CITATION =
            "Black, Janner, Du, Kostrikov, Levine: Training Diffusion Models with Reinforcement Learning, 2023, arXiv 2305.13301";

    private DdpoPresets() {}

    /** The presets. */
    public static List<Preset> all() {
        return List.of(
                new Preset(
                        "ddpo", "DDPO with importance sampling and PPO's clip", CITATION, parts("importance", clip())),
                new Preset(
                        "ddpo-sf",
                        "DDPO as score-function estimator: one update per rollout",
                        CITATION,
                        parts("score-function", Map.of("type", "none"))));
    }

    private static Map<String, Object> clip() {
        return Map.of("type", "clip", "range", 1e-4);
    }

    private static Map<String, Map<String, Object>> parts(String ratio, Map<String, Object> trustRegion) {
        return Map.of(
                "likelihood", Map.of("type", "transition"),
                "ratio", Map.of("type", ratio),
                "trust_region", trustRegion,
                "step_weight", Map.of("type", "uniform"),
                "advantage", Map.of("type", "per-prompt"),
                "selection", Map.of("type", "all"));
    }
}
