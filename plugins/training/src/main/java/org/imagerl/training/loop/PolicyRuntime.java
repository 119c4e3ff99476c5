package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.CheckpointOutline;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.toolkit.optim.Ema;
import org.imagerl.toolkit.optim.InPlaceOf;
import org.imagerl.toolkit.optim.LearningRate;
import org.imagerl.toolkit.optim.LossScale;
import org.imagerl.toolkit.parallel.GradientShards;
import org.imagerl.toolkit.parallel.Workers;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.sampling.ImageStarts;
import org.imagerl.toolkit.sampling.PolicyWeights;
import org.imagerl.training.config.AlgorithmConfig;
import org.imagerl.training.config.BatchPlan;
import org.imagerl.training.config.OptimiserConfig;
import org.imagerl.training.config.PromptImages;
import org.imagerl.training.config.RolloutConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.work.PolicyVersion;
import org.imagerl.training.work.WorkCost;
import org.jspecify.annotations.Nullable;

/** The policy of a run and what trains it: the checkpoint, its trained tensors and their copies, the optimiser, the workers. */
public final class PolicyRuntime implements AutoCloseable {
    private final RunConfig config;
    private final RunParts parts;
    private final RandomStreams random;
    private final Pipeline pipeline;
    private final Tuning tuning;
    private final ImageSize size;
    private final PromptImages images;
    private final Workers workers;
    private final GradientShards shards;
    private final PolicyWeights weights;
    private final PolicySampling sampling;
    private final Optimiser optimiser;
    private final LossScale lossScale;
    private final @Nullable Ema average;
    private final LearningRate learningRate;
    private final Opened opened;

    /** What other processes have cost. */
    private WorkCost elsewhere = new WorkCost(0, 0);

    /**
     * Loads the checkpoint and makes everything around it.
     *
     * @throws org.imagerl.spi.UserException with what is wrong
     */
    static PolicyRuntime open(RunConfig config, RunParts parts, PipelineFactory family, Context context) {
        Opened opened = new Opened();
        try {
            return new PolicyRuntime(config, parts, family, context, opened);
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    private PolicyRuntime(RunConfig config, RunParts parts, PipelineFactory family, Context context, Opened opened) {
        this.config = config;
        this.parts = parts;
        this.opened = opened;
        random = new RandomStreams(config.seed());
        pipeline = opened.keep(pipeline(config, parts.augmentation(), family, context));
        tuning = opened.keep(pipeline.tune(config.tuning(), random.seed("tuning")));
        size = size(config.rollout(), pipeline);
        images = new PromptImages(config, pipeline.paintsIn());
        workers = opened.keep(new Workers(config.workers(), config.shardCount()));
        if (workers.count() > 1 && pipeline.manager().getDevice().isGpu()) {
            context.warnings()
                    .accept("warning: workers share one stream of the GPU: one is faster there than " + workers.count()
                            + " (workers: 1)");
        }
        shards = opened.keep(new GradientShards(tuning, workers, config.shardCount(), pipeline.manager()));
        weights = opened.keep(madeWeights());
        Objective.Teacher teacher = parts.objective().teacher();
        if (teacher != null) {
            weights.teachBy(opened.keep(pipeline.adapter(teacher.lora(), teacher.scale())));
        }
        ImageStarts starts = starts(images, size);
        RunKernels kernels = new RunKernels(config, parts, pipeline, size, starts, context);
        kernels.check();
        optimiser = opened.keep(
                parts.updateRule().over(tuning.parameters(), tuning::learningRateFactor, pipeline.manager()));
        sampling = new PolicySampling(config, parts, pipeline, weights, kernels, starts, optimiser::steps);
        lossScale = throughFloat16(config) ? LossScale.dynamic() : LossScale.none();
        OptimiserConfig o = config.optimiser();
        average = o.emaDecay() == 0 ? null : opened.keep(new Ema(o.emaDecay(), arrivedAt(), pipeline.manager()));
        long total = (long) config.epochs()
                * o.innerEpochs()
                * BatchPlan.of(config, parts).updates();
        learningRate = new LearningRate(
                o.learningRate(), LearningRate.Shape.valueOf(o.schedule().name()), o.warmupSteps(), total);
    }

    /** The weights that the optimiser arrives at: the trained tensors, unless it holds another point in them. */
    private SortedMap<String, NDArray> arrivedAt() {
        SortedMap<String, NDArray> evaluated = optimiser.evaluated();
        return evaluated.isEmpty() ? tuning.parameters() : evaluated;
    }

    /** Whether gradients pass through float16: a whole denoiser that is trained is float32. */
    private static boolean throughFloat16(RunConfig config) {
        return config.dtype() == RunConfig.Dtype.FLOAT16 && config.tuning() instanceof TuningSpec.Lora;
    }

    private static Pipeline pipeline(
            RunConfig config, @Nullable Augmentation augmentation, PipelineFactory family, Context context) {
        Pipeline base = family.open(config.resolve(config.checkpoint()), config.pipelineOptions(context));
        try {
            config.precision().require(base.manager().getDevice(), System.getenv());
            return augmentation == null ? base : augmentation.augment(base);
        } catch (RuntimeException | Error e) {
            base.close();
            throw e;
        }
    }

    /** The size of images: as configured, else the checkpoint's. */
    static ImageSize size(RolloutConfig rollout, CheckpointOutline checkpoint) {
        ImageSize trained = checkpoint.defaultSize();
        Integer width = rollout.width();
        Integer height = rollout.height();
        return trained.or(width, height);
    }

    /** The images that samples begin with; null for noise alone. */
    static @Nullable ImageStarts starts(PromptImages images, ImageSize size) {
        if (!images.used()) {
            return null;
        }
        double strength = images.strength();
        return new ImageStarts(
                strength, prompt -> ImageStartFiles.read(images.image(prompt), images.mask(prompt), strength, size));
    }

    private PolicyWeights madeWeights() {
        AlgorithmConfig given = config.algorithm();
        Set<WeightSet> kept = new HashSet<>(parts.needs().weights());
        if (config.optimiser().updatesPerEpoch() * config.optimiser().innerEpochs() == 1
                && !parts.updateRule().compares()) {
            kept.remove(WeightSet.BEHAVIOUR); // until the only update these are the live ones
        }
        WeightSet rollouts = given.sampledBy() == AlgorithmConfig.SampledBy.EMA ? WeightSet.EMA : WeightSet.LIVE;
        AlgorithmConfig.Trailing trailing = given.trailing();
        return new PolicyWeights(
                tuning,
                pipeline.manager(),
                kept,
                rollouts,
                steps -> Math.min(trailing.decay(), trailing.ramp() * Math.max(0, steps - trailing.delay())));
    }

    /** The checkpoint. */
    public Pipeline pipeline() {
        return pipeline;
    }

    /** The tensors that are trained. */
    Tuning tuning() {
        return tuning;
    }

    /** Width and height of images in pixels. */
    ImageSize size() {
        return size;
    }

    /** The images that samples begin with. */
    PromptImages images() {
        return images;
    }

    /** The workers that compute batches beside each other. */
    Workers workers() {
        return workers;
    }

    /** The trained tensors of each shard of an update. */
    public GradientShards shards() {
        return shards;
    }

    /** The sets of weights. */
    public PolicyWeights weights() {
        return weights;
    }

    /** How the policy is sampled. */
    public PolicySampling sampling() {
        return sampling;
    }

    /** The optimiser. */
    Optimiser optimiser() {
        return optimiser;
    }

    /** The factor by which losses are multiplied. */
    LossScale lossScale() {
        return lossScale;
    }

    /** The average of the trained weights that is evaluated and exported; null if that are the live weights. */
    @Nullable
    Ema average() {
        return average;
    }

    /** The learning rate of the next optimiser step. */
    double learningRate() {
        return learningRate.at(optimiser.steps());
    }

    /** The weights as they are now. */
    PolicyVersion version(WeightSet set, boolean averaged) {
        return new PolicyVersion(optimiser.steps(), set, averaged);
    }

    /** What the run has cost so far, in this process and in those that reported to it. */
    public WorkCost cost() {
        return WorkCost.now(sampling.policy().evaluations()).plus(elsewhere);
    }

    /** Takes notice of work that another process did. */
    public void addCost(WorkCost cost) {
        elsewhere = elsewhere.plus(cost);
    }

    /** What the trust region allows with these latents, a line for the user; empty if there is nothing to say. */
    String allowance() {
        TrustRegion region = parts.trustRegion();
        Objective.Needs needs = parts.objective().needs();
        if (region == null || !needs.density() || needs.noise()) {
            return ""; // no ratio of densities, so that a range is no band of them
        }
        return region.allowance(
                Arrays.stream(pipeline.latentShape(size.width(), size.height())).reduce(1, Math::multiplyExact));
    }

    /**
     * Runs the body with other values in the place of the trained tensors; processes that compute for this one get them
     * too.
     *
     * @param others float32, by the names of the trained tensors, each of its shape
     */
    <T> T at(Map<String, NDArray> others, Supplier<T> body) {
        weights.changed();
        try {
            return InPlaceOf.with(tuning.parameters(), others, body);
        } finally {
            weights.changed();
        }
    }

    /** Runs the body with what is evaluated and exported: the averaged weights, if there are any, else those that the optimiser arrived at. */
    <T> T averaged(Supplier<T> body) {
        Map<String, NDArray> evaluated = average == null ? optimiser.evaluated() : average.averages();
        return evaluated.isEmpty() ? body.get() : InPlaceOf.with(tuning.parameters(), evaluated, body);
    }

    /** The parts that have memory, by name. */
    Map<String, Stateful> stateful() {
        Map<String, Stateful> stateful = new TreeMap<>();
        stateful.put("policy.weights", weights);
        stateful.put("policy.optimiser", optimiser);
        stateful.put("policy.loss_scale", lossScale);
        if (average != null) {
            stateful.put("policy.average", average);
        }
        return stateful;
    }

    @Override
    public void close() {
        opened.close();
    }
}
