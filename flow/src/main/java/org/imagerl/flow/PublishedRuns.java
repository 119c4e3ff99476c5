package org.imagerl.flow;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The settings of the published runs, each with the file that has it. What depends on the number of machines alone is left to the run: prompts per epoch
 * (48 groups on 32 GPUs), micro-batches, resolution, the number of epochs.
 */
final class PublishedRuns {
    private PublishedRuns() {}

    /**
     * Flow-GRPO: {@code flow_grpo/config/grpo.py}, {@code general_ocr_sd3} and {@code geneval_sd3}; LoRA and average in {@code scripts/train_sd3.py}.
     * Those of FLUX take 6 steps, noise 0.9 and guidance 3.5.
     */
    static Map<String, Map<String, Object>> flowGrpo() {
        return run(rollout(10, 4.5, 24), lora(32, 64), optimiser(3e-4, 2, average(0.9, 8)));
    }

    /** Flow-GRPO-Fast: {@code geneval_sd3_fast_nocfg} of the same file. */
    static Map<String, Map<String, Object>> flowGrpoFast() {
        return run(rollout(10, 1.0, 24), lora(32, 64), optimiser(3e-4, 2, average(0.9, 8)));
    }

    /** The branching form of Flow-GRPO-Fast: {@code pickscore_sd3_fast} of the same file, with guidance; one noise for 9 images there. */
    static Map<String, Map<String, Object>> flowGrpoFastBranching() {
        return run(sharing(rollout(10, 4.5, 24)), lora(32, 64), optimiser(3e-4, 2, average(0.9, 8)));
    }

    /** GRPO-Guard: {@code flow_grpo/config/grpo_guard.py}. */
    static Map<String, Map<String, Object>> guard() {
        return run(rollout(10, 4.5, 24), lora(32, 64), optimiser(1e-4, 2, average(0.9, 8)));
    }

    /**
     * DanceGRPO with a LoRA on FLUX: {@code fastvideo/train_grpo_flux_lora.py} and its script for 8 GPUs; no guidance but the one that FLUX itself
     * takes. The run of the paper trains all weights, 16 steps, learning rate 1e-5, three updates per prompt ({@code finetune_flux_grpo.sh}).
     */
    static Map<String, Map<String, Object>> danceGrpo() {
        return Map.of(
                "rollout",
                sharing(rollout(12, 1.0, 12)),
                "tuning",
                lora(128, 256),
                "optimiser",
                optimiser(3e-4, 1, Map.of("ema_decay", 0.0)));
    }

    /**
     * MixGRPO: {@code scripts/finetune/finetune_flux_grpo_MixGRPO.sh}, 12 images behind 3 of which there is an update. It trains all weights of FLUX with
     * learning rate 1e-5; these two go together and neither is taken over.
     */
    static Map<String, Map<String, Object>> mixGrpo() {
        return Map.of(
                "rollout",
                sharing(rollout(25, 1.0, 12)),
                "optimiser",
                Map.of("updates_per_epoch", 4, "ema_decay", 0.0));
    }

    /**
     * Advantage Weighted Matching: {@code advantage_weighted_matching/config/dgx_awm.py}, {@code geneval_sd3_no_cfg_1node} and
     * {@code ocr_sd3_no_cfg_1node}.
     */
    static Map<String, Map<String, Object>> awm() {
        return run(rollout(14, 1.0, 24), lora(32, 64), optimiser(3e-4, 1, average(0.99, 1)));
    }

    /** DiffusionNFT: {@code DiffusionNFT/config/nft.py}, {@code sd3_geneval}; LoRA and average in {@code scripts/train_nft_sd3.py}. */
    static Map<String, Map<String, Object>> nft() {
        return run(rollout(10, 1.0, 24), lora(32, 64), optimiser(3e-4, 1, average(0.9, 1)));
    }

    /** DGPO: {@code examples/dgpo/lora/sd3_5/nocfg.yaml} of Flow-Factory, from the published code's configuration for PickScore. */
    static Map<String, Map<String, Object>> dgpo() {
        return run(rollout(10, 1.0, 24), lora(64, 128), wholeGroups(optimiser(3e-4, 1, average(0.9, 8))));
    }

    /** Centered reward distillation: {@code examples/crd/lora/sd3_5/default.yaml} of Flow-Factory, the published run for OCR. */
    static Map<String, Map<String, Object>> crd() {
        return run(rollout(10, 1.0, 24), lora(32, 64), wholeGroups(optimiser(3e-4, 2, average(0.9, 1))));
    }

    /** Diffusion-DPO online: {@code examples/dpo/lora/sd3_5/default.yaml} of Flow-Factory, after Flow-GRPO's {@code train_sd3_dpo.py}. */
    static Map<String, Map<String, Object>> dpo() {
        return run(rollout(40, 1.0, 4), lora(32, 64), optimiser(1e-5, 1, average(0.99, 4)));
    }

    /**
     * Diffusion-DPO: {@code launchers/sd15.sh} and {@code sdxl.sh} of the published code, {@code train.py} for what they leave out. The learning rate is
     * theirs for 2,048 pairs per update, 1e-8 for each.
     *
     * @param guidance of evaluations; training has none
     */
    static Map<String, Map<String, Object>> dpoOfNoise(double guidance, int warmup) {
        return Map.of(
                "rollout", Map.of("steps", 50, "guidance", 1.0),
                "tuning", Map.of("type", "full", "components", List.of("unet")),
                "optimiser",
                        Map.of(
                                "learning_rate",
                                2.048e-5,
                                "warmup_steps",
                                warmup,
                                "weight_decay",
                                0.01,
                                "updates_per_epoch",
                                1),
                "evaluation", Map.of("guidance", guidance));
    }

    /** The runs on SD3.5, all of which evaluate by 40 steps without noise. */
    private static Map<String, Map<String, Object>> run(
            Map<String, Object> rollout, Map<String, Object> tuning, Map<String, Object> optimiser) {
        return Map.of(
                "rollout",
                rollout,
                "tuning",
                tuning,
                "optimiser",
                optimiser,
                "evaluation",
                Map.of("steps", 40, "dynamics", Map.of("type", "ode")));
    }

    private static Map<String, Object> rollout(int steps, double guidance, int samplesPerPrompt) {
        return Map.of("steps", steps, "guidance", guidance, "samples_per_prompt", samplesPerPrompt);
    }

    private static Map<String, Object> sharing(Map<String, Object> rollout) {
        return with(rollout, Map.of("shared_noise", true));
    }

    private static Map<String, Object> lora(int rank, double alpha) {
        return Map.of("type", "lora", "rank", rank, "alpha", alpha, "init", "gaussian");
    }

    private static Map<String, Object> average(double decay, int every) {
        return Map.of("ema_decay", decay, "ema_every", every);
    }

    private static Map<String, Object> optimiser(double learningRate, int updates, Map<String, Object> average) {
        return with(Map.of("learning_rate", learningRate, "updates_per_epoch", updates), average);
    }

    /** The default would not hold a group of 24, which is trained on as one. */
    private static Map<String, Object> wholeGroups(Map<String, Object> optimiser) {
        return with(optimiser, Map.of("micro_batch", 24));
    }

    private static Map<String, Object> with(Map<String, Object> settings, Map<String, Object> more) {
        Map<String, Object> both = new TreeMap<>(settings);
        both.putAll(more);
        return both;
    }
}
