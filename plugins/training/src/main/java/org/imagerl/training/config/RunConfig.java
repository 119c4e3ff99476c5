package org.imagerl.training.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.imagerl.config.Auto;
import org.imagerl.config.Default;
import org.imagerl.config.Range;
import org.imagerl.config.RegistryPartCodec;
import org.imagerl.config.ShortForm;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.Tracker;
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
 * @param threads of a reward, each of which scores one image at a time; {@code auto} is one for each core. No score depends on it
 * @param workers batches of images and micro-batches of updates that are computed at a time, each by a thread of its own with its share of
 *     the cores: faster where the networks are so small that one batch does not keep the cores busy. With {@code auto} the run chooses when it
 *     begins, and its own configuration says what that was: 1 on a GPU and for a checkpoint of more than 20 million weights, else as many as
 *     the engine has threads, an epoch has batches and an update has micro-batches
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
        @Auto @Range(min = 1) int threads,
        @Auto @Range(min = 1, max = 64) int workers,
        @Nullable @Range(min = 1, max = 64) Integer shards,
        @Range(min = 1) int epochs,
        Run run,
        TuningSpec tuning,
        @Nullable BoundPart<Augmentation> augmentation,
        @Nullable Prompts prompts,
        @Nullable BoundPart<DataSource> data,
        @Nullable Evaluation evaluation,
        RolloutConfig rollout,
        AlgorithmConfig algorithm,
        OptimiserConfig optimiser,
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
        return shards == null ? Math.max(1, workers) : shards;
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
        return new Context(Path.of(baseFolder), device, rewardThreads(), warnings);
    }

    private int rewardThreads() {
        return threads == Auto.VALUE ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /** The same where plugins are known. */
    public Context context(Consumer<String> warnings, Registry registry) {
        return RegistryPartCodec.context(registry, Path.of(baseFolder), device, rewardThreads(), warnings);
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
     * @param keepBest whether the best checkpoint is kept too
     * @param bestBy what makes a checkpoint the best; by default the highest reward of the evaluation (without one: of training)
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
            @Nullable BestBy bestBy,
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
     * By what the best checkpoint is chosen among those that are written after an epoch which has the metric; its short form is the metric alone.
     *
     * @param metric as in {@code metrics.jsonl}: {@code evaluation_NAME_mean} is a reward of held-out images
     * @param lowest whether the lowest number is the best
     */
    @ShortForm("metric")
    public record BestBy(String metric, @Default("false") boolean lowest) {}

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
     * What is traded for memory.
     *
     * @param checkpointing how much of the denoiser is computed again in the backward pass instead of being kept. {@code true}: of a UNet
     *     whose convolutions are not trained, what takes much memory to keep and little time to compute (an update of SD 1.5's size takes about
     *     1.05 times as long); of other networks all blocks (about 1.5 times). {@code least}: all blocks of every network, for the least memory
     *     (about 1.25 times for such a UNet)
     * @param vaeSlicing whether the VAE works on each image of a batch for itself, as diffusers' {@code enable_vae_slicing}
     * @param vaeTiling whether the VAE works on images larger than its {@code sample_size} in overlapping tiles, as diffusers' {@code
     *     enable_vae_tiling}; images differ slightly
     * @param offload whether the weights of text encoders and VAE are in memory only while these are used, and read from their files again each
     *     time; what is trained stays in memory
     * @param embeddingCache a folder, relative to the working directory, where encoded prompts and the latents of images that are trained on are kept from run
     *     to run (at most 20 GB), so that each is encoded once; by default there is none
     */
    public record Memory(
            @Default("false") Checkpointing checkpointing,
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
