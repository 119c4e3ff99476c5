package org.imagerl.toolkit.recipe.paper;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.Preset;

/**
 * Methods by the name of their paper: the plain recipe (transition densities, importance ratios, PPO's clip, group
 * advantages) with one part exchanged, or two. They go with any dynamics that add noise. Of the published runs, which
 * trained language models, they take over what a part is, not learning rates or sizes.
 */
final class PaperPresets {
    private static final String ENTROPY =
            "Cui et al.: The Entropy Mechanism of Reinforcement Learning for Reasoning Language Models, 2025, arXiv"
                    + " 2505.22617";

    private static final String NORMALISED =
            "Fatkhullin, Barakat, Kireeva, He: Stochastic Policy Gradient Methods: Improved Sample Complexity for"
                    + " Fisher-non-degenerate Policies, 2023, arXiv 2302.01734";

    private static final Map<String, Map<String, Object>> ONE_UPDATE =
            Map.of("optimiser", Map.of("updates_per_epoch", 1));

    private PaperPresets() {}

    /** The presets. */
    static List<Preset> all() {
        return Stream.of(advantages(), onePerEpoch(), trustRegions(), penalties(), RolloutPresets.all())
                .flatMap(List::stream)
                .toList();
    }

    /** Another advantage. */
    private static List<Preset> advantages() {
        return List.of(
                preset(
                        "bnpo",
                        "advantages normalised by a Beta distribution, for binary and bounded rewards",
                        "Xiao, Zhang, Cao: BNPO: Beta Normalization Policy Optimization, 2025, arXiv 2506.02864",
                        Map.of("advantage", "bnpo")),
                preset(
                        "copo",
                        "prompts whose images all score alike are compared with other prompts",
                        "Han et al.: COPO: Consistency-Aware Policy Optimization, 2025, arXiv 2508.04138",
                        Map.of("advantage", "copo")),
                preset(
                        "eapo",
                        "rewards discounted towards early steps",
                        "Chen et al.: IterResearch, 2025, arXiv 2511.07327",
                        Map.of("advantage", "eapo")),
                preset(
                        "empg",
                        "steps at which the prediction of the image is settled count more",
                        "Wang et al.: Harnessing Uncertainty: Entropy-Modulated Policy Gradients for Long-Horizon LLM"
                                + " Agents, 2025, arXiv 2509.09265",
                        Map.of("advantage", "empg")),
                preset(
                        "riskpo",
                        "range value at risk over bundles of prompts",
                        "Ren et al.: RiskPO: Risk-based Policy Optimization via Verifiable Reward for LLM"
                                + " Post-Training, 2025, arXiv 2510.00911",
                        Map.of("advantage", "riskpo"),
                        Map.of("rollout", Map.of("prompts_per_epoch", 20, "samples_per_prompt", 10))),
                preset(
                        "gtpo",
                        "where images of a prompt share a state, only positive advantages count",
                        "Simoni et al.: GTPO: Stabilizing Group Relative Policy Optimization via Gradient and Entropy"
                                + " Control, 2025, arXiv 2508.03772",
                        Map.of("advantage", "gtpo"),
                        Map.of("rollout", Map.of("shared_noise", true))),
                preset(
                        "kl-reward",
                        "the KL divergence from the reference weights in the reward",
                        "Liu et al.: Flow-GRPO, 2025, arXiv 2505.05470, the published code's kl_reward",
                        Map.of("advantage", "kl-reward")),
                preset(
                        "orpo",
                        "a divergence of paths from the reference weights in the reward, against a hacked one",
                        "Laidlaw, Singhal, Dragan: Correlated Proxies: A New Definition and Improved Mitigation for"
                                + " Reward Hacking, 2024, arXiv 2403.03185",
                        Map.of("advantage", "orpo")));
    }

    /** One update per epoch, so that no ratio or clip is needed. */
    private static List<Preset> onePerEpoch() {
        return List.of(
                preset(
                        "rloo",
                        "REINFORCE with a leave-one-out baseline, one update per epoch",
                        "Ahmadian et al.: Back to Basics: Revisiting REINFORCE-Style Optimization for Learning from"
                                + " Human Feedback in LLMs, 2024, arXiv 2402.14740",
                        onPolicy("rloo"),
                        ONE_UPDATE),
                preset(
                        "copg",
                        "rewards less the log-ratio to the reference weights, compared in pairs",
                        "Flet-Berliac et al.: Contrastive Policy Gradient: Aligning LLMs on sequence-level scores in a"
                                + " supervised-friendly fashion, 2024, arXiv 2406.19185",
                        onPolicy("copg"),
                        ONE_UPDATE),
                preset(
                        "f-dpg",
                        "towards the reference weights tilted by the reward, by an f-divergence of paths",
                        "Go et al.: Aligning Language Models with Preferences through f-divergence Minimization, 2023,"
                                + " arXiv 2302.08215",
                        onPolicy("f-dpg"),
                        ONE_UPDATE),
                preset(
                        "n-pg-igt",
                        "normalised steps along a mean of gradients, rollouts sampled ahead of the weights",
                        NORMALISED,
                        onPolicy("group"),
                        Map.of("optimiser", Map.of("type", "n-pg-igt", "updates_per_epoch", 1))),
                preset(
                        "n-harpg",
                        "normalised steps along a mean of gradients, which differences of gradients carry along",
                        NORMALISED,
                        Map.of("trust_region", "none"),
                        Map.of("optimiser", Map.of("type", "n-harpg", "updates_per_epoch", 1))),
                bestOfN());
    }

    /** Another trust region. */
    private static List<Preset> trustRegions() {
        return List.of(
                preset(
                        "capo",
                        "what an update would move too far is left out of it, found by a trial of the step",
                        "Melo, Abate, Gal: Stabilizing Policy Gradients for Sample-Efficient Reinforcement Learning in"
                                + " LLM Reasoning, 2025, arXiv 2510.00819",
                        Map.of("trust_region", "trial-step")),
                preset(
                        "p3o",
                        "PPO's clip for every pair of images of a prompt",
                        "Wu et al.: Pairwise Proximal Policy Optimization: Harnessing Relative Feedback for LLM"
                                + " Alignment, 2023, arXiv 2310.00212",
                        Map.of("advantage", "rloo", "trust_region", "pairwise-clip"),
                        Map.of("optimiser", Map.of("micro_batch", 8))), // the images of a prompt
                preset(
                        "p3o-v2",
                        "a clip of the quotient of the ratios of two images of a prompt",
                        "Wu et al.: Pairwise Proximal Policy Optimization: Harnessing Relative Feedback for LLM"
                                + " Alignment, 2023, arXiv 2310.00212",
                        Map.of("advantage", "rloo", "trust_region", "pair-ratio-clip"),
                        Map.of("optimiser", Map.of("micro_batch", 8))), // the images of a prompt
                preset(
                        "flow-dppo",
                        "what moves away beyond a divergence of the step is stopped, without a clip",
                        "Flow-DPPO, 2026, arXiv 2606.11025",
                        Map.of("trust_region", "dppo")),
                preset(
                        "clip-cov",
                        "drops samples and steps of a high covariance of advantage and density",
                        ENTROPY,
                        Map.of("trust_region", "clip-cov")),
                preset(
                        "kl-cov",
                        "holds samples and steps of the highest covariance of advantage and density back",
                        ENTROPY,
                        Map.of("trust_region", "kl-cov")),
                preset(
                        "lp-reg",
                        "holds unlikely steps of a negative advantage to a proxy policy",
                        "Huang et al.: Low-probability Tokens Sustain Exploration in Reinforcement Learning with"
                                + " Verifiable Reward, 2025, arXiv 2510.03222",
                        Map.of("trust_region", "lp-reg")));
    }

    /** Another penalty. */
    private static List<Preset> penalties() {
        return List.of(
                preset(
                        "mdpo",
                        "several updates per epoch, kept near the policy that sampled by its KL divergence, without a"
                                + " clip",
                        "Tomar, Shani, Efroni, Ghavamzadeh: Mirror Descent Policy Optimization, 2020, arXiv 2005.09814",
                        Map.of("trust_region", "none", "proximal", "kl-behaviour"),
                        // 20 prompts, because 5 updates do not divide the images of 16
                        Map.of(
                                "optimiser",
                                Map.of("updates_per_epoch", 5),
                                "rollout",
                                Map.of("prompts_per_epoch", 20))),
                preset(
                        "odice",
                        "a penalty to the reference weights that never undoes the reward's direction",
                        "Mao et al.: ODICE: Revealing the Mystery of Distribution Correction Estimation via"
                                + " Orthogonal-gradient Update, 2024, arXiv 2402.00348",
                        Map.of("penalty", "kl-mean", "penalty_gradient", "odice")),
                preset(
                        "chi-squared",
                        "chi-squared divergence from the reference weights, against a hacked reward",
                        "Laidlaw, Singhal, Dragan: Correlated Proxies: A New Definition and Improved Mitigation for"
                                + " Reward Hacking, 2024, arXiv 2403.03185",
                        Map.of("penalty", "f-divergence")));
    }

    private static Preset bestOfN() {
        return preset(
                "best-of-n",
                "supervised fine-tuning on the best image of every prompt",
                "Laidlaw et al.: The Effective Horizon Explains Deep RL Performance in Stochastic Environments, 2023,"
                        + " arXiv 2312.08369",
                Map.of(
                        "likelihood", "matching",
                        "ratio", "score-function",
                        "trust_region", "none",
                        "advantage", "constant",
                        "selection", "best-of-n"),
                ONE_UPDATE);
    }

    private static Map<String, String> onPolicy(String advantage) {
        return Map.of("advantage", advantage, "ratio", "score-function", "trust_region", "none");
    }

    static Preset preset(String name, String description, String citation, Map<String, String> exchanged) {
        return preset(name, description, citation, exchanged, Map.of());
    }

    /** The plain recipe with some parts exchanged, each with its defaults. */
    static Preset preset(
            String name,
            String description,
            String citation,
            Map<String, String> exchanged,
            Map<String, Map<String, Object>> run) {
        Map<String, Object> parts = new TreeMap<>(Map.of(
                "likelihood", Map.of("type", "transition"),
                "ratio", Map.of("type", "importance"),
                "trust_region", Map.of("type", "clip", "range", 1e-4),
                "step_weight", Map.of("type", "uniform"),
                "advantage", Map.of("type", "group"),
                "selection", Map.of("type", "all")));
        exchanged.forEach((part, type) -> parts.put(part, Map.of("type", type)));
        return new Preset(name, description, citation, parts, Map.of(), run);
    }
}
