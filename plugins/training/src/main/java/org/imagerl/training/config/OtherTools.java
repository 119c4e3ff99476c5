package org.imagerl.training.config;

import java.util.Map;

/** The names that other tools have for keys of a run configuration, for messages to users who write those. */
final class OtherTools {
    /** Names of ddpo-pytorch, TRL, Flow-GRPO, Flow-Factory and the trainers of diffusers, without underscores, and ours. */
    static final Map<String, String> KEYS = Map.ofEntries(
            Map.entry("lr", "optimiser.learning_rate"),
            Map.entry("trainlearningrate", "optimiser.learning_rate"),
            Map.entry("lrscheduler", "optimiser.schedule"),
            Map.entry("optimizer", "optimiser"),
            Map.entry("trainbatchsize", "optimiser.micro_batch"),
            Map.entry("batchsize", "rollout.batch_size"),
            Map.entry("samplebatchsize", "rollout.batch_size"),
            Map.entry("gradientaccumulationsteps", "optimiser.updates_per_epoch"),
            Map.entry("gradientcheckpointing", "memory.checkpointing"),
            Map.entry("maxgradnorm", "optimiser.max_grad_norm"),
            Map.entry("numinnerepochs", "optimiser.inner_epochs"),
            Map.entry("numepochs", "epochs"),
            Map.entry("numtrainepochs", "epochs"),
            Map.entry("maxtrainsteps", "epochs"),
            Map.entry("steps", "rollout.steps"),
            Map.entry("numsteps", "rollout.steps"),
            Map.entry("numinferencesteps", "rollout.steps"),
            Map.entry("guidancescale", "rollout.guidance"),
            Map.entry("cfg", "rollout.guidance"),
            Map.entry("cfgscale", "rollout.guidance"),
            Map.entry("negative", "rollout.negative_prompt"),
            Map.entry("groupsize", "rollout.samples_per_prompt"),
            Map.entry("numgenerations", "rollout.samples_per_prompt"),
            Map.entry("resolution", "rollout.width"),
            Map.entry("eta", "rollout.dynamics.eta"),
            Map.entry("noiselevel", "rollout.dynamics.noise_level"),
            Map.entry("cliprange", "algorithm.trust_region.range"),
            Map.entry("advclipmax", "algorithm.max_advantage"),
            Map.entry("beta", "algorithm.penalty"),
            Map.entry("lora", "tuning"),
            Map.entry("lorarank", "tuning.rank"),
            Map.entry("loraalpha", "tuning.alpha"),
            Map.entry("targetmodules", "tuning.targets"),
            Map.entry("model", "checkpoint"),
            Map.entry("pretrainedmodel", "checkpoint"),
            Map.entry("pretrainedmodelnameorpath", "checkpoint"),
            Map.entry("mixedprecision", "dtype"),
            Map.entry("rewardfn", "rewards"),
            Map.entry("rewardfunction", "rewards"),
            Map.entry("promptfn", "prompts"),
            Map.entry("dataset", "prompts"),
            Map.entry("outputdir", "run.folder"),
            Map.entry("logdir", "run.folder"),
            Map.entry("savesteps", "run.save_every"),
            Map.entry("savefreq", "run.save_every"),
            Map.entry("evalfreq", "run.evaluate_every"),
            Map.entry("numcheckpointlimit", "run.keep_last"));

    private OtherTools() {}
}
