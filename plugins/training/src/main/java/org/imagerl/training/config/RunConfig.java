package org.imagerl.training.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.imagerl.config.Auto;
import org.imagerl.config.Default;
import org.imagerl.config.Inline;
import org.imagerl.config.Range;
import org.imagerl.config.RegistryPartCodec;
import org.imagerl.config.ShortForm;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.FormerName;
import org.imagerl.spi.Guidance;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.Selection;
import org.imagerl.spi.StepNoise;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.spi.run.Tracker;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.spi.text.Count;
import org.imagerl.toolkit.sampling.Correction;
import org.imagerl.toolkit.tensor.Float32Precision;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a training run: the reference of every key. Keys are these names in snake case
 * ({@code samplesPerPrompt} is {@code samples_per_prompt}), enum values are in kebab case. Defaults are in
 * {@code defaults.yaml}; keys that are neither there nor optional (nullable) must be given.
 *
 * @param checkpoint folder of the checkpoint that is tuned, relative to {@code baseFolder}
 * @param baseFolder relative input paths of the configuration are relative to this; by default the folder of the file
 * @param seed of all random streams of the run
 * @param device {@code auto} (a GPU if there is one), {@code cpu} or {@code cuda:N}
 * @param dtype of weights and activations of the denoiser, and of the other components unless they have their own; what is trained (a LoRA,
 *     or with {@code tuning.type: full} the whole denoiser), the optimiser, latents, log-densities and losses are always float32
 * @param textEncoderDtype of the text encoders; by default {@code dtype}. T5 is held in float32 in place of float16, where it overflows
 * @param vaeDtype of the autoencoder; by default {@code dtype}. One whose description has {@code force_upcast}, as SDXL's, is held in float32 in
 *     place of float16, where it overflows
 * @param precision of float32 on a GPU: {@code highest} computes in float32, {@code high} lets matrix products and convolutions round to TF32;
 *     the process must have been started for it (imagerl --precision), which is checked
 * @param model what the checkpoint leaves open
 * @param threads that native code of a reward may use
 * @param workers batches of images and micro-batches of updates that are computed at a time, each by a thread of its own with its share of
 *     the cores: faster where the networks are so small that one batch does not keep the cores busy
 * @param shards into which the micro-batches of an update are divided, by default as many as workers; the gradients of a shard are added up, then
 *     those of the shards in a fixed order. Rounding differs with their number, and not with that of the workers, of which there are at most as
 *     many; each computes with as many of the engine's threads as if there were a worker for each shard
 * @param epochs rounds of rollout, reward and update
 * @param run where results go and how often
 * @param tuning what is trained: {@code type: lora} with components, rank, alpha, targets and init, or {@code type: full} with
 *     components; no components mean the denoiser, no targets the layers that published trainings of the family adapt
 * @param augmentation what the checkpoint is conditioned on beside the prompt; null is nothing
 * @param prompts what rollouts are made for; none where {@code data} takes their place
 * @param data images on disk that are trained on in place of rollouts; every epoch has {@code rollout.prompts_per_epoch} of its examples, with all their
 *     images, so that {@code rollout.samples_per_prompt} does not count; null where rollouts are made
 * @param evaluation the held-out prompts; without them nothing is evaluated
 * @param rollout how images are sampled for training
 * @param algorithm how rewards become updates; its short form is the name of a preset: {@code algorithm: ddpo}
 * @param optimiser how updates are made
 * @param memory what is traded for memory
 * @param rewards what is maximised: the weighted sum
 * @param evaluationRewards tracked in evaluation and never trained on, to see when a reward is exploited
 * @param samples the fixed images that show progress
 * @param rewardCombination how several rewards become one advantage
 */
public record RunConfig(
        String checkpoint,
        String baseFolder,
        long seed,
        String device,
        Dtype dtype,
        @Nullable Dtype textEncoderDtype,
        @Nullable Dtype vaeDtype,
        Float32Precision precision,
        Model model,
        @Range(min = 1) int threads,
        @Range(min = 1, max = 64) int workers,
        @Nullable @Range(min = 1, max = 64) Integer shards,
        @Range(min = 1) int epochs,
        Run run,
        TuningSpec tuning,
        @Nullable BoundPart<Augmentation> augmentation,
        @Nullable Prompts prompts,
        @Nullable BoundPart<DataSource> data,
        @Nullable Evaluation evaluation,
        Rollout rollout,
        Algorithm algorithm,
        Optimiser optimiser,
        Memory memory,
        List<RewardEntry> rewards,
        List<RewardEntry> evaluationRewards,
        Samples samples,
        BoundPart<RewardCombination> rewardCombination) {

    /** Checks what concerns several keys of one section; the rest is in {@link Rules}. */
    public RunConfig {
        if (!device.matches("auto|cpu|cuda:[0-9]{1,3}")) {
            throw new IllegalArgumentException("device must be auto, cpu or cuda:N with N from 0");
        }
        if (rewards.isEmpty()) {
            throw new IllegalArgumentException("rewards must have at least one reward");
        }
    }

    /** The scale of guidance with which the policy is trained. */
    public double trainedGuidance() {
        Double given = algorithm.guidance();
        return given == null ? rollout.guidance() : given;
    }

    /** The dynamics and the number of steps of evaluations, for people. */
    public String evaluatedBy() {
        BoundPart<Dynamics> own = evaluation == null ? null : evaluation.dynamics();
        Integer steps = evaluation == null ? null : evaluation.steps();
        return (own == null ? rollout.dynamics() : own).type() + ", "
                + Count.of(steps == null ? rollout.steps() : steps, "step");
    }

    /** Whether a size of batches is left to be found. */
    public boolean hasAuto() {
        return rollout.batchSize() == Auto.VALUE || optimiser.microBatch() == Auto.VALUE;
    }

    /** The shards of an update. */
    public int shardCount() {
        return shards == null ? workers : shards;
    }

    /** Resolves an input path of the configuration. */
    public Path resolve(String path) {
        return Path.of(baseFolder).resolve(path);
    }

    /** How the checkpoint is opened. */
    public PipelineFactory.Options pipelineOptions(Context context) {
        return new PipelineFactory.Options(
                new PipelineFactory.Dtypes(
                        dtype.text(),
                        textEncoderDtype == null ? dtype.text() : textEncoderDtype.text(),
                        vaeDtype == null ? dtype.text() : vaeDtype.text()),
                memory.ofPipeline(),
                new PipelineFactory.Model(model.embeddedGuidance(), model.textTokens(), components()),
                context);
    }

    /** The components that are taken from elsewhere, by name. */
    public Map<String, Path> components() {
        Map<String, Path> components = new TreeMap<>();
        model.components().forEach((name, path) -> components.put(name, resolve(path)));
        return components;
    }

    /** What factories may know of the run. */
    public Context context(Consumer<String> warnings) {
        return new Context(Path.of(baseFolder), device, threads, warnings);
    }

    /** The same where plugins are known. */
    public Context context(Consumer<String> warnings, Registry registry) {
        return RegistryPartCodec.context(registry, Path.of(baseFolder), device, threads, warnings);
    }

    /** Precision of weights and activations. */
    public enum Dtype {
        FLOAT32,
        FLOAT16,
        BFLOAT16;

        /** As in configurations. */
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What a checkpoint leaves open. A value that the model has no use for is an error.
     *
     * @param embeddedGuidance the guidance scale that a model distilled from guidance is conditioned on (FLUX.1 dev), which is not
     *     {@code rollout.guidance}; by default 3.5
     * @param textTokens tokens of a prompt for T5; by default what {@code model_index.json} says as {@code max_sequence_length}, else 256 for
     *     SD3, 512 for FLUX. Fewer are faster
     * @param components components that are taken from elsewhere, by name ({@code vae}, {@code text_encoder}, {@code tokenizer}): files or
     *     folders. A checkpoint in a single file needs its tokenizers here; {@code config} is a checkpoint folder that describes it
     */
    public record Model(
            @Nullable @Range(min = 0, max = 100) Double embeddedGuidance,
            @Nullable @Range(min = 1, max = 512) Integer textTokens,
            Map<String, String> components) {

        /** Keeps its own copy of the map. */
        public Model {
            components = Map.copyOf(components);
        }
    }

    /**
     * Where results go and how often.
     *
     * @param name of the run's folder; by default the name of the configuration file without its ending
     * @param folder of all runs, relative to the working directory
     * @param saveEvery epochs between checkpoints; the last epoch is always saved
     * @param sampleEvery epochs between sample grids; there is always one before training and one after
     * @param evaluateEvery epochs between evaluations; there is always one before training and one after
     * @param diagnoseEvery epochs between looks at the trained steps one by one (log-ratios and gradient norm of each, as metrics
     *     {@code step_N_...}), at the cost of one more update; 0 is never
     * @param keepLast this many checkpoints are kept, the newest ones
     * @param keepBest whether the checkpoint with the best evaluation (without one: training) reward is kept too
     * @param trackers what takes the numbers of the run beside {@code metrics.jsonl}
     */
    public record Run(
            String name,
            String folder,
            @Range(min = 1) int saveEvery,
            @Range(min = 1) int sampleEvery,
            @Range(min = 1) int evaluateEvery,
            @Range(min = 0) int diagnoseEvery,
            @Range(min = 1) int keepLast,
            boolean keepBest,
            List<BoundPart<Tracker>> trackers) {
        /** Refuses names that would lead out of the folder. */
        public Run {
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
                throw new IllegalArgumentException(
                        "name must be 1 to 100 letters, digits, dots, dashes or underscores");
            }
        }
    }

    /**
     * A file of prompts; its short form is the file alone.
     *
     * @param file .txt (a prompt per line), .jsonl or .csv; see {@link PromptFile}
     * @param split only the prompts with this value in their {@code split} field; all if absent
     */
    @ShortForm("file")
    public record Prompts(String file, @Nullable String split) {}

    /**
     * Evaluation on fixed (prompt, seed) pairs that are never trained on.
     *
     * @param prompts the held-out prompts; by default those that {@code data} holds out
     * @param samplesPerPrompt seeds per prompt, the same in every evaluation
     * @param steps denoiser calls per image; by default those of the rollout
     * @param guidance scale of classifier-free guidance, 1 is none; by default that of the rollout
     * @param dynamics how to step from noise to image; by default that of the rollout
     * @param reference share of the denoiser's output that is that of the weights before training, 0..1: images are corrected towards the checkpoint
     * @param referenceFrom share of the steps that are made before the correction begins, 0..1
     * @param referenceTo share of the steps after which it ends, 0..1, above {@code reference_from}
     */
    public record Evaluation(
            @Nullable Prompts prompts,
            @Default("1") @Range(min = 1) int samplesPerPrompt,
            @Nullable @Range(min = 1, max = 1000) Integer steps,
            @Nullable @Range(min = 1) Double guidance,
            @Nullable BoundPart<Dynamics> dynamics,
            @Default("0") @Range(min = 0, max = 1) double reference,
            @Default("0") @Range(min = 0, max = 1) double referenceFrom,
            @Default("1") @Range(min = 0, max = 1) double referenceTo) {
        /** Checks that the correction begins before it ends. */
        public Evaluation {
            if (!(referenceFrom < referenceTo)) {
                throw new IllegalArgumentException("reference_from must be below reference_to");
            }
        }

        /** How images are corrected. */
        public Correction correction() {
            return new Correction(reference, referenceFrom, referenceTo);
        }
    }

    /**
     * How images are sampled for training.
     *
     * @param dynamics how to step from noise to image
     * @param noise the distribution of the noise that steps add; evaluations have it too, unless they have dynamics of their own
     * @param steps denoiser calls per image
     * @param guidance scale of classifier-free guidance; 1 is none, at half the cost
     * @param guidanceRule how outputs for the negative prompt and the prompt become one, in rollouts, training and evaluations
     * @param negativePrompt what guidance leads away from
     * @param width of images in pixels; by default what the checkpoint was trained for
     * @param height of images in pixels; by default what the checkpoint was trained for
     * @param promptsPerEpoch different prompts per epoch
     * @param samplesPerPrompt images per prompt and epoch: the size of a group
     * @param sharedNoise whether the samples of a prompt begin with the same noise in an epoch, and part where steps add theirs; Flow-GRPO calls it
     *     {@code same_latent}, DanceGRPO {@code init_same_noise}. Steps before the first noisy one (a window that begins later) are then computed
     *     once for each group, as in the branching form of Flow-GRPO-Fast
     * @param batchSize images sampled at a time; matters for memory and speed only. With {@code auto} the run finds out what fits when it
     *     begins, and its own configuration says what that was
     * @param promptSampler which prompts an epoch has
     * @param budget how many samples each prompt of an epoch has, {@code samplesPerPrompt} on average
     * @param strength samples, also those of evaluations, begin with the image that the field {@code image} of their prompt names (a file; relative to the
     *     configuration), and this share of the steps is made; if absent they begin with noise alone
     * @param hints second rollouts of prompts whose images all fail; null is none
     */
    public record Rollout(
            BoundPart<Dynamics> dynamics,
            BoundPart<StepNoise> noise,
            @Range(min = 1, max = 1000) int steps,
            @Range(min = 1) double guidance,
            BoundPart<Guidance> guidanceRule,
            String negativePrompt,
            @Nullable @Range(min = 1, max = 8192) Integer width,
            @Nullable @Range(min = 1, max = 8192) Integer height,
            @Range(min = 1, max = 100_000) int promptsPerEpoch,
            @Range(min = 1, max = 10_000) int samplesPerPrompt,
            boolean sharedNoise,
            @Auto @Range(min = 1, max = 10_000) int batchSize,
            BoundPart<PromptSampler> promptSampler,
            BoundPart<RolloutBudget> budget,
            @Nullable @Range(min = 0, max = 1) Double strength,
            @Nullable Hints hints) {}

    /**
     * What is tried where all images of a prompt fail, after Scaf-GRPO: the image of the first hint that succeeds takes the place of one of them.
     *
     * @param success least reward of an image that does not fail
     * @param after epochs that are trained without hints
     * @param levels the hints, the weakest first; one image is made with each until one succeeds
     */
    public record Hints(
            double success, @Default("0") @Range(min = 0) int after, List<Level> levels) {
        /** Refuses no hints. */
        public Hints {
            levels = List.copyOf(levels);
            if (levels.isEmpty()) {
                throw new IllegalArgumentException("levels must have at least one hint");
            }
        }

        /**
         * A hint.
         *
         * @param guidance scale of classifier-free guidance; by default that of the rollouts
         * @param field of the prompts with the text that images are made for in the place of their own; prompts without it get no such hint
         */
        public record Level(
                @Nullable @Range(min = 1) Double guidance,
                @Nullable String field) {}
    }

    /**
     * How rewards become updates: a recipe of parts, or an objective of its own in their place.
     *
     * @param preset named algorithm whose parts lie beneath the ones given here
     * @param objective what does not fit the recipe; then there is no likelihood, ratio, trust region, step weight and penalty
     * @param likelihood what log pi(sample) means
     * @param ratio what is compared with the old policy
     * @param trustRegion which updates are stopped
     * @param stepWeight how the steps of a trajectory are balanced
     * @param penalty what keeps the policy near the reference; null is none
     * @param proximal what keeps the policy near what it was a moment ago, a second penalty; null is none
     * @param penaltyGradient how the gradients of penalty and proximal join that of the policy's loss
     * @param advantage how rewards become signs
     * @param selection which rollouts are trained on
     * @param maxAdvantage advantages are clamped to plus and minus this
     * @param advantageScale clamped advantages are multiplied by this
     * @param guidance scale of classifier-free guidance with which the policy is trained, 1 is none; by default that of the rollouts
     *     ({@code rollout.guidance}). Published code has {@code train.cfg: False} for 1. Only a likelihood without transitions can differ: a
     *     transition was made with the guidance of the rollouts
     * @param trainedSteps which steps of a trajectory are trained
     * @param trailing the moving average of the weights that some parts compare with; kept only if it is needed
     * @param sampledBy the weights that rollouts are sampled with
     */
    @ShortForm("preset")
    public record Algorithm(
            @Nullable String preset,
            @Nullable BoundPart<Objective> objective,
            @Nullable BoundPart<Likelihood> likelihood,
            @Nullable BoundPart<Ratio> ratio,
            @Nullable BoundPart<TrustRegion> trustRegion,
            @Nullable BoundPart<StepWeight> stepWeight,
            @Nullable BoundPart<Penalty> penalty,
            @Nullable BoundPart<Penalty> proximal,
            BoundPart<PenaltyGradient> penaltyGradient,
            BoundPart<Advantage> advantage,
            BoundPart<Selection> selection,
            @Range(min = 0, above = true) double maxAdvantage,
            @Range(min = 0, above = true) double advantageScale,
            @Nullable @Range(min = 1) Double guidance,
            TrainedSteps trainedSteps,
            Trailing trailing,
            SampledBy sampledBy) {}

    /**
     * A moving average of the trained weights, moved after every epoch: {@code average <- d average + (1 - d) weight} with
     * {@code d = min(decay, ramp max(0, k - delay))} after k optimiser steps, those of the epoch among them. With the defaults, those of Advantage
     * Weighted Matching, it is nearly the weights of the last epoch; DiffusionNFT has (0.5, 0.001, 0) or (0.999, 0.0075, 75).
     *
     * @param decay the largest d
     * @param ramp by which d grows per optimiser step
     * @param delay optimiser steps after which d begins to grow
     */
    public record Trailing(
            @Range(min = 0, max = 1, below = true) double decay,
            @Range(min = 0) double ramp,
            @Range(min = 0) int delay) {}

    /** The weights that sample rollouts. */
    public enum SampledBy {
        /** Those in training: the first update after rollouts is exactly on-policy. With the optimiser {@code n-pg-igt} that is its extrapolated point. */
        @FormerName("current")
        LIVE,
        /** Their trailing average: updates are off-policy from the first. */
        @FormerName("trailing")
        EMA
    }

    /**
     * How updates are made, {@code type} and settings of the optimiser, and how an epoch's images are cut into updates.
     *
     * @param rule how gradients become new weights
     * @param learningRate step size after warm-up
     * @param warmupSteps updates over which the learning rate rises linearly from 0
     * @param schedule of the learning rate after warm-up, to 0 at the last update unless constant
     * @param emaDecay of the moving average of trained weights, which is then what is evaluated and exported; 0 is none
     *     Its decay warms up: {@code d = min((1 + k) / (10 + k), ema_decay)} with k = max(0, n - ema_delay) after n updates
     * @param emaEvery the average moves after every update n for which this divides n + 1 (as Flow-GRPO's code counts)
     * @param emaDelay updates that the warm-up does not count: 0 as Flow-GRPO's code, 1 as diffusers
     * @param microBatch images per forward and backward pass; matters for memory and speed only
     * @param updatesPerEpoch optimiser steps into which an epoch's images are divided evenly
     * @param innerEpochs passes over an epoch's images
     */
    public record Optimiser(
            @Inline BoundPart<UpdateRule> rule,
            @Range(min = 0, above = true) double learningRate,
            @Range(min = 0) int warmupSteps,
            LearningRate schedule,
            @Range(min = 0, max = 1, below = true) double emaDecay,
            @Range(min = 1) int emaEvery,
            @Range(min = 0) int emaDelay,
            @Auto @Range(min = 1) int microBatch,
            @Range(min = 1) int updatesPerEpoch,
            @Range(min = 1) int innerEpochs) {}

    /** Learning rate after warm-up. */
    public enum LearningRate {
        CONSTANT,
        LINEAR,
        COSINE
    }

    /**
     * What is traded for memory.
     *
     * @param checkpointing whether the denoiser is computed again in the backward pass instead of being kept: about 1.3
     *     times the time for a fraction of the memory
     * @param vaeSlicing whether the VAE works on each image of a batch for itself, as diffusers' {@code enable_vae_slicing}
     * @param vaeTiling whether the VAE works on images larger than its {@code sample_size} in overlapping tiles, as diffusers' {@code
     *     enable_vae_tiling}; images differ slightly
     * @param offload whether the weights of text encoders and VAE are in memory only while these are used, and read from their files again each
     *     time; what is trained stays in memory
     * @param embeddingCache a folder, relative to the working directory, where encoded prompts and the latents of images that are trained on are kept from run
     *     to run (at most 20 GB), so that each is encoded once; by default there is none
     */
    public record Memory(
            boolean checkpointing,
            boolean vaeSlicing,
            boolean vaeTiling,
            boolean offload,
            @Nullable String embeddingCache) {
        private PipelineFactory.Memory ofPipeline() {
            return new PipelineFactory.Memory(
                    checkpointing,
                    vaeSlicing,
                    vaeTiling,
                    offload,
                    embeddingCache == null ? null : Path.of(embeddingCache));
        }
    }

    /**
     * The fixed images that show progress.
     *
     * @param prompts how many, the first of the held-out prompts (without those: of the training prompts)
     * @param seeds one image per prompt and seed
     */
    public record Samples(@Range(min = 1, max = 64) int prompts, List<Long> seeds) {
        /** Refuses an empty grid. */
        public Samples {
            if (seeds.isEmpty() || seeds.size() > 64) {
                throw new IllegalArgumentException("seeds must be 1 to 64");
            }
        }
    }
}
