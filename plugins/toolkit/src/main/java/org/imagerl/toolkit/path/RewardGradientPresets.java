package org.imagerl.toolkit.path;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Preset;

/** The algorithms that back-propagate a reward, as settings of {@code reward-gradient}; the rewards themselves must be given. */
final class RewardGradientPresets {
    private static final String DRAFT = "Clark, Vicol, Swersky, Fleet: Directly Fine-Tuning Diffusion Models on"
            + " Differentiable Rewards, 2023, arXiv 2309.17400";

    private static final Map<String, Object> ODE = Map.of("dynamics", Map.of("type", "ode"));

    private RewardGradientPresets() {}

    /** The presets. */
    public static List<Preset> all() {
        return List.of(
                preset(
                        "draft",
                        "DRaFT-1: the gradient of a reward through the last step of the sampler",
                        DRAFT,
                        Map.of("truncation", last(1)),
                        ODE,
                        updates(Map.of())),
                preset(
                        "draft-lv",
                        "DRaFT-LV: the same, with less variance: finished images are made noisy again",
                        DRAFT,
                        Map.of("truncation", last(1), "end", Map.of("type", "renoised", "draws", 2)),
                        ODE,
                        updates(Map.of())),
                preset(
                        "refl",
                        "ReFL: the gradient of a reward of the image that one of the last steps predicts",
                        "Xu et al.: ImageReward: Learning and Evaluating Human Preferences for Text-to-Image"
                                + " Generation, 2023, arXiv 2304.05977",
                        Map.of("truncation", last(1), "end", predicted(10), "ceiling", 2.0),
                        ODE,
                        reflRun()),
                preset(
                        "drtune",
                        "DRTune: a few steps at equal distances, whose inputs are constants",
                        "Wu et al.: Deep Reward Supervisions for Tuning Text-to-Image Diffusion Models, 2024, arXiv"
                                + " 2405.00760",
                        Map.of(
                                "truncation",
                                Map.of("type", "spaced", "steps", 5),
                                "end",
                                predicted(20),
                                "stop_inputs",
                                true),
                        ODE,
                        updates(Map.of())),
                preset(
                        "alignprop",
                        "AlignProp: the gradient of a reward through a random number of last steps",
                        "Prabhudesai, Goyal, Pathak, Fragkiadaki: Aligning Text-to-Image Diffusion Models with Reward"
                                + " Backpropagation, 2023, arXiv 2310.03739",
                        Map.of("truncation", Map.of("type", "random")),
                        Map.of(),
                        alignPropRun()),
                preset(
                        "hdpo",
                        "HDPO: the gradient of a reward through all steps, with the noises that were drawn",
                        "Alvo, Russo, Kanoria: Neural Inventory Control in Networks via Hindsight Differentiable"
                                + " Policy Optimization, 2023, arXiv 2306.11246",
                        Map.of("truncation", Map.of("type", "none")),
                        Map.of(),
                        updates(Map.of())));
    }

    /** {@code ImageReward/ReFL.py}: 40 steps without guidance. Its learning rate of 1e-5 is that of all weights, and is not taken over. */
    private static Map<String, Map<String, Object>> reflRun() {
        return Map.of(
                "rollout",
                Map.of("steps", 40, "guidance", 1.0),
                "optimiser",
                Map.of("weight_decay", 1e-2, "updates_per_epoch", 1));
    }

    /** {@code config/alignprop_config.py} of the published code. */
    private static Map<String, Map<String, Object>> alignPropRun() {
        Map<String, Map<String, Object>> run =
                new TreeMap<>(updates(Map.of("learning_rate", 1e-3, "weight_decay", 1e-4)));
        run.put("rollout", Map.of("steps", 50, "guidance", 5.0));
        return run;
    }

    private static Map<String, Map<String, Object>> updates(Map<String, Object> more) {
        Map<String, Object> optimiser = new TreeMap<>(more);
        optimiser.put("updates_per_epoch", 1);
        return Map.of("optimiser", optimiser);
    }

    private static Map<String, Object> last(int steps) {
        return Map.of("type", "last", "steps", steps);
    }

    private static Map<String, Object> predicted(int steps) {
        return Map.of("type", "predicted", "steps", steps);
    }

    private static Preset preset(
            String name,
            String description,
            String citation,
            Map<String, Object> settings,
            Map<String, Object> rollout,
            Map<String, Map<String, Object>> run) {
        Map<String, Object> objective = new TreeMap<>(settings);
        objective.put("type", "reward-gradient");
        Map<String, Object> sections = Map.of(
                "objective", objective,
                "advantage", Map.of("type", "batch"),
                "selection", Map.of("type", "all"));
        return new Preset(name, description, citation, sections, rollout, run);
    }
}
