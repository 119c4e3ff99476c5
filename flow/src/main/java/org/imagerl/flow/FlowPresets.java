package org.imagerl.flow;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.Preset;

/** The published algorithms as recipes: they differ in their parts and in the dynamics of their rollouts. {@link PublishedRuns} has their settings. */
final class FlowPresets {
    private static final String FLOW_GRPO =
            "Liu et al.: Flow-GRPO: Training Flow Matching Models via Online RL, 2025, arXiv 2505.05470";
    private static final String DANCE_GRPO =
            "Xue et al.: DanceGRPO: Unleashing GRPO on Visual Generation, 2025, arXiv 2505.07818";
    private static final String MIX_GRPO =
            "Li et al.: MixGRPO: Unlocking Flow-based GRPO Efficiency with Mixed ODE-SDE, 2025, arXiv 2507.21802";
    private static final String GUARD =
            "Wang et al.: GRPO-Guard: Mitigating Implicit Over-Optimization in Flow Matching via Regulated Clipping,"
                    + " 2025, arXiv 2510.22319";
    private static final String AWM =
            "Xue et al.: Advantage Weighted Matching: Aligning RL with Pretraining in Diffusion Models, 2025, arXiv"
                    + " 2509.25050";

    private static final String NFT =
            "Zheng, Chen et al.: DiffusionNFT: Online Diffusion Reinforcement with Forward Process, 2025, arXiv"
                    + " 2509.16117";

    private static final String DGPO =
            "Luo et al.: Reinforcing Diffusion Models by Direct Group Preference Optimization, 2025, arXiv 2510.08425";
    private static final String HPT =
            "Lv et al.: Towards a Unified View of Large Language Model Post-Training, 2025, arXiv 2509.04419";
    private static final String CRD =
            "Diffusion Reinforcement Learning via Centered Reward Distillation, 2026, arXiv 2603.14128";

    private static final String DPO =
            "Wallace et al.: Diffusion Model Alignment Using Direct Preference Optimization, 2023, arXiv 2311.12908";

    /** eta beta / 2: RPO's published eta is 0.005, beta is 100 in diffusion-dpo, and what the paper calls minus beta times the log-likelihood is e beta / 2 here. */
    private static final double RPO_ANCHOR = 0.25;

    private FlowPresets() {}

    /** The presets. */
    static List<Preset> all() {
        return Stream.of(sampledSteps(), finishedImages(), preferences())
                .flatMap(List::stream)
                .toList();
    }

    /** Methods on the sampled steps of rollouts. */
    private static List<Preset> sampledSteps() {
        return List.of(
                new Preset(
                        "flow-grpo",
                        "group advantages, PPO's clip, KL penalty to the reference weights",
                        FLOW_GRPO,
                        flowGrpo(),
                        sde("flow-sde", 0.7),
                        PublishedRuns.flowGrpo()),
                new Preset(
                        "flow-grpo-fast",
                        "Flow-GRPO on three steps of the noisy half",
                        FLOW_GRPO,
                        flowGrpoFast(),
                        window("cps", 0.8, Map.of("type", "random", "from", 0, "size", 3)),
                        PublishedRuns.flowGrpoFast()),
                new Preset(
                        "flow-grpo-fast-branching",
                        "Flow-GRPO on two steps at which a group branches off one trajectory",
                        FLOW_GRPO,
                        transitions(clip(1e-5), group(true)),
                        window("flow-sde", 0.8, Map.of("type", "random", "from", 0, "size", 2)),
                        PublishedRuns.flowGrpoFastBranching()),
                new Preset(
                        "dance-grpo",
                        "std of the image's own group, no penalty",
                        DANCE_GRPO,
                        danceGrpo(),
                        sde("dance-sde", 0.3),
                        PublishedRuns.danceGrpo()),
                new Preset(
                        "mix-grpo",
                        "DanceGRPO on a window that moves from noise to image",
                        MIX_GRPO,
                        mixGrpo(),
                        window("flow-sde", 0.7, Map.of("type", "sliding", "size", 4, "stride", 1, "every", 25)),
                        PublishedRuns.mixGrpo()),
                new Preset(
                        "grpo-guard",
                        "normalised ratios, balanced steps",
                        GUARD,
                        guard(),
                        sde("flow-sde", 0.7),
                        PublishedRuns.guard()));
    }

    /** Methods on finished images. */
    private static List<Preset> finishedImages() {
        return List.of(
                new Preset(
                        "awm",
                        "the pretraining loss of finished images, weighted by advantages",
                        AWM,
                        awm(),
                        Map.of("dynamics", Map.of("type", "ode")),
                        PublishedRuns.awm()),
                new Preset(
                        "nft",
                        "good and bad images pull at two policies around the behaviour policy, without densities",
                        NFT,
                        nft(),
                        Map.of("dynamics", Map.of("type", "ode")),
                        PublishedRuns.nft()),
                new Preset(
                        "sft",
                        "supervised fine-tuning on images from disk",
                        "Ho, Jain, Abbeel: Denoising Diffusion Probabilistic Models, 2020, arXiv 2006.11239",
                        supervised("sft"),
                        Map.of("dynamics", Map.of("type", "ode")),
                        Map.of()),
                new Preset(
                        "diffusion-opd",
                        "the policy without guidance learns from the checkpoint with guidance or an adapter, on its own images",
                        "Meng et al.: On Distillation of Guided Diffusion Models, 2022, arXiv 2210.03142",
                        supervised("diffusion-opd"),
                        Map.of("dynamics", Map.of("type", "ode")),
                        Map.of()),
                new Preset(
                        "dgpo",
                        "a prompt's good images are preferred to its bad ones, at noises that they share",
                        DGPO,
                        dgpo(),
                        Map.of("dynamics", Map.of("type", "ode")),
                        PublishedRuns.dgpo()),
                new Preset(
                        "hpt",
                        "demonstrations of prompts whose images all fail, the policy gradient elsewhere",
                        HPT,
                        Map.of(
                                "objective", Map.of("type", "hpt"),
                                "advantage", group(false),
                                "selection", Map.of("type", "all")),
                        Map.of(),
                        Map.of()),
                new Preset(
                        "crd",
                        "rewards that the policy implies are regressed on those of a prompt's images, both centred",
                        CRD,
                        crd(),
                        Map.of("dynamics", Map.of("type", "ode")),
                        PublishedRuns.crd()));
    }

    /** Methods on preferences. */
    private static List<Preset> preferences() {
        return List.of(
                new Preset(
                        "diffusion-dpo",
                        "the best image of each prompt is preferred to its worst",
                        DPO,
                        dpo(),
                        Map.of("dynamics", Map.of("type", "ode")),
                        PublishedRuns.dpo()),
                preference(
                        "rpo",
                        "Diffusion-DPO whose preferred images are held by their matching loss, against a hacked reward",
                        "Liu et al.: Provably Mitigating Overoptimization in RLHF: Your SFT Loss is Implicitly an"
                                + " Adversarial Regularizer, 2024, arXiv 2405.16436",
                        Map.of("anchor", RPO_ANCHOR)),
                preference(
                        "cpl",
                        "the best image of each prompt is preferred to its worst, without reference weights",
                        "Hejna et al.: Contrastive Preference Learning: Learning from Human Feedback without RL, 2023,"
                                + " arXiv 2310.13639",
                        Map.of("loss", Map.of("type", "cpl", "alpha", 50, "bias", 0.5, "reference", false))),
                preference(
                        "tgdpo",
                        "Diffusion-DPO whose drawn times are weighed by what the EMA weights have learnt at each",
                        "Zhu et al.: TGDPO: Harnessing Token-Level Reward Guidance for Enhancing Direct Preference"
                                + " Optimization, 2025, arXiv 2506.14574",
                        Map.of("loss", Map.of("type", "tgdpo", "beta", 100, "weight", 0.5))),
                new Preset(
                        "diffusion-dpo-sd15",
                        "Diffusion-DPO as published for Stable Diffusion 1.5, on pairs on disk",
                        DPO,
                        dpoOfNoise(2000),
                        Map.of("dynamics", Map.of("type", "ddim", "eta", 0)),
                        PublishedRuns.dpoOfNoise(7.5, 500)),
                new Preset(
                        "diffusion-dpo-sdxl",
                        "Diffusion-DPO as published for Stable Diffusion XL, on pairs on disk",
                        DPO,
                        dpoOfNoise(5000),
                        Map.of("dynamics", Map.of("type", "ddim", "eta", 0)),
                        PublishedRuns.dpoOfNoise(5, 200)));
    }

    /** The run of diffusion-dpo with other settings of its objective. */
    private static Preset preference(String name, String description, String citation, Map<String, Object> settings) {
        Map<String, Object> objective = new TreeMap<>(settings);
        objective.put("type", "pairs");
        return new Preset(
                name,
                description,
                citation,
                pairs(objective),
                Map.of("dynamics", Map.of("type", "ode")),
                PublishedRuns.dpo());
    }

    private static Map<String, Object> flowGrpo() {
        Map<String, Object> parts = transitions(clip(1e-4), group(true));
        parts.put("penalty", Map.of("type", "kl-mean", "coefficient", 0.04, "variance", "rate"));
        return parts;
    }

    private static Map<String, Object> flowGrpoFast() {
        Map<String, Object> parts = transitions(clip(1e-5), group(true));
        parts.put("likelihood", Map.of("type", "transition", "density", "squared-distance"));
        return parts;
    }

    private static Map<String, Object> danceGrpo() {
        Map<String, Object> parts = mixGrpo();
        parts.put("trained_steps", Map.of("type", "random", "fraction", 0.6));
        return parts;
    }

    private static Map<String, Object> mixGrpo() {
        Map<String, Object> advantage =
                Map.of("type", "group", "global_std", false, "sample_std", true, "epsilon", 1e-8);
        return transitions(clip(1e-4), advantage);
    }

    private static Map<String, Object> guard() {
        Map<String, Object> parts = transitions(clip(2e-6), group(false));
        parts.put("ratio", Map.of("type", "normalised"));
        parts.put("step_weight", Map.of("type", "inverse-step"));
        return parts;
    }

    private static Map<String, Object> awm() {
        Map<String, Object> parts = transitions(clip(1), group(true));
        parts.put("likelihood", Map.of("type", "matching"));
        parts.put("penalty", Map.of("type", "kl-prediction", "coefficient", 0.003));
        parts.put("proximal", Map.of("type", "kl-ema", "coefficient", 1.0));
        parts.put("advantage_scale", 0.2);
        parts.put("guidance", 1.0); // published: train.cfg = False, whatever the rollouts have
        return parts;
    }

    private static Map<String, Object> supervised(String objective) {
        return Map.of(
                "objective", Map.of("type", objective),
                "advantage", Map.of("type", "batch"),
                "selection", Map.of("type", "all"));
    }

    private static Map<String, Object> nft() {
        return finished("nft", "ema", trailing(0.5, 1e-3, 0));
    }

    private static Map<String, Object> dgpo() {
        return finished("dgpo", "live", trailing(0.3, 1e-3, 0));
    }

    private static Map<String, Object> crd() {
        return finished("crd", "ema", trailing(0.999, 0.0075, 75));
    }

    private static Map<String, Object> dpo() {
        return pairs(Map.of("type", "pairs"));
    }

    /** The squared error of the noise that the model predicts, at all times alike. */
    private static Map<String, Object> dpoOfNoise(double beta) {
        return pairs(Map.of(
                "type",
                "pairs",
                "loss",
                Map.of("type", "dpo", "beta", beta),
                "error",
                "output",
                "times",
                Map.of("type", "uniform", "from", 0, "to", 1),
                "caption_dropout",
                0.2));
    }

    private static Map<String, Object> pairs(Map<String, Object> objective) {
        return Map.of(
                "objective", objective,
                "advantage", group(false),
                "selection", Map.of("type", "best-worst", "best", 1, "worst", 1));
    }

    /** On finished images, without densities. */
    private static Map<String, Object> finished(String objective, String sampledBy, Map<String, Object> trailing) {
        return Map.of(
                "objective", Map.of("type", objective),
                "advantage", group(true),
                "selection", Map.of("type", "all"),
                "trailing", trailing,
                "sampled_by", sampledBy);
    }

    private static Map<String, Object> trailing(double decay, double ramp, int delay) {
        return Map.of("decay", decay, "ramp", ramp, "delay", delay);
    }

    private static Map<String, Object> transitions(Map<String, Object> trustRegion, Map<String, Object> advantage) {
        Map<String, Object> parts = new TreeMap<>();
        parts.put("likelihood", Map.of("type", "transition"));
        parts.put("ratio", Map.of("type", "importance"));
        parts.put("trust_region", trustRegion);
        parts.put("step_weight", Map.of("type", "uniform"));
        parts.put("advantage", advantage);
        parts.put("selection", Map.of("type", "all"));
        return parts;
    }

    private static Map<String, Object> clip(double range) {
        return Map.of("type", "clip", "range", range);
    }

    private static Map<String, Object> group(boolean globalStd) {
        return Map.of("type", "group", "global_std", globalStd);
    }

    private static Map<String, Object> sde(String type, double noiseLevel) {
        return Map.of("dynamics", Map.of("type", type, "noise_level", noiseLevel));
    }

    private static Map<String, Object> window(String type, double noiseLevel, Map<String, Object> window) {
        return Map.of("dynamics", Map.of("type", type, "noise_level", noiseLevel, "window", window));
    }
}
