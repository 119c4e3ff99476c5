package org.imagerl.toolkit.recipe.paper;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.Preset;

/**
 * Those of {@link PaperPresets} that change which images are sampled, how their rewards are combined, and which images
 * are trained on.
 */
final class RolloutPresets {
    private static final String DISTRIBUTIONAL =
            "Pires et al.: Optimizing Return Distributions with Distributional Dynamic Programming, 2025, arXiv"
                    + " 2501.13028";

    private RolloutPresets() {}

    static List<Preset> all() {
        return Stream.of(combinations(), rollouts(), selections())
                .flatMap(List::stream)
                .toList();
    }

    /** Another combination of rewards. */
    private static List<Preset> combinations() {
        return List.of(
                PaperPresets.preset(
                        "epo",
                        "diversity is kept in a band around what it was; needs a reward named diversity beside others",
                        "Xu et al.: EPO: Entropy-regularized Policy Optimization for LLM Agents Reinforcement"
                                + " Learning, 2025, arXiv 2509.22576",
                        Map.of(),
                        Map.of("reward_combination", Map.of("type", "epo-band"))),
                PaperPresets.preset(
                        "cvar",
                        "only rewards below a quantile count",
                        DISTRIBUTIONAL,
                        Map.of(),
                        Map.of("reward_combination", Map.of("type", "cvar"))),
                PaperPresets.preset(
                        "utility",
                        "a utility of the sum of rewards in its place",
                        DISTRIBUTIONAL,
                        Map.of(),
                        Map.of("reward_combination", Map.of("type", "utility"))));
    }

    /** Other prompts, or another way to sample images of them. */
    private static List<Preset> rollouts() {
        return List.of(
                PaperPresets.preset(
                        "craft-gui",
                        "a curriculum of prompts, whose difficulty a field states",
                        "Nong et al.: CRAFT-GUI: Curriculum-Reinforced Agent For GUI Tasks, 2025, arXiv 2508.11360",
                        Map.of(),
                        sampledBy("curriculum")),
                PaperPresets.preset(
                        "groove",
                        "prompts are repeated whose images were better once",
                        "Jackson et al.: Discovering General Reinforcement Learning Algorithms with Adversarial"
                                + " Environment Design, 2023, arXiv 2310.02782",
                        Map.of(),
                        sampledBy("regret-replay")),
                PaperPresets.preset(
                        "mmr1",
                        "prompts of which some images succeed and some fail come more often",
                        "Leng et al.: MMR1: Enhancing Multimodal Reasoning with Variance-Aware Sampling and Open"
                                + " Resources, 2025, arXiv 2509.21268",
                        Map.of(),
                        sampledBy("variance-aware")),
                PaperPresets.preset(
                        "knapsack",
                        "more images of the prompts where they are worth most",
                        "Li et al.: Knapsack RL: Unlocking Exploration of LLMs via Optimizing Budget Allocation, 2025,"
                                + " arXiv 2509.25849",
                        Map.of(),
                        Map.of("rollout", Map.of("budget", Map.of("type", "knapsack")))),
                PaperPresets.preset(
                        "scaf-grpo",
                        "images of stronger guidance for prompts whose images all fail",
                        "Zhang et al.: Scaf-GRPO: Scaffolded Group Relative Policy Optimization for Enhancing LLM"
                                + " Reasoning, 2025, arXiv 2510.19807",
                        Map.of(),
                        Map.of(
                                "rollout",
                                Map.of(
                                        "hints",
                                        Map.of(
                                                "success",
                                                1,
                                                "levels",
                                                List.of(
                                                        Map.of("guidance", 5),
                                                        Map.of("guidance", 7.5),
                                                        Map.of("guidance", 10)))))),
                guided());
    }

    /** Another choice of the rollouts that are trained on. */
    private static List<Preset> selections() {
        return List.of(
                PaperPresets.preset(
                        "pf-ppo",
                        "trains on the best and the worst image of every prompt",
                        "Shen, Zhang: Policy Filtration in RLHF to Fine-Tune LLM for Code Generation, 2024, arXiv"
                                + " 2409.06957",
                        Map.of("selection", "best-worst")),
                PaperPresets.preset(
                        "d3s",
                        "trains on the images whose advantages vary most",
                        "Wang et al.: Learning More with Less: A Dynamic Dual-Level Down-Sampling Framework for"
                                + " Efficient Policy Optimization, 2025, arXiv 2509.22115",
                        Map.of("selection", "d3s")),
                PaperPresets.preset(
                        "pods",
                        "trains on the images of every prompt whose rewards vary most",
                        "Xu et al.: Not All Rollouts are Useful: Down-Sampling Rollouts in LLM Reinforcement Learning,"
                                + " 2025, arXiv 2504.13818",
                        Map.of("selection", "pods")));
    }

    private static Map<String, Map<String, Object>> sampledBy(String sampler) {
        return Map.of("rollout", Map.of("prompt_sampler", Map.of("type", sampler)));
    }

    private static Preset guided() {
        Preset plain = PaperPresets.preset(
                "policy-guided",
                "rollouts of the trailing weights, led towards the live ones",
                "Jackson et al.: Policy-Guided Diffusion, 2024, arXiv 2404.06356",
                Map.of(),
                Map.of("rollout", Map.of("policy_guidance", 0.5)));
        Map<String, Object> parts = new TreeMap<>(plain.sections());
        parts.put("sampled_by", "ema");
        return new Preset(plain.name(), plain.description(), plain.citation(), parts, Map.of(), plain.run());
    }
}
