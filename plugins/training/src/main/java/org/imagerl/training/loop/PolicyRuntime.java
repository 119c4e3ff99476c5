package org.imagerl.training.loop;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.toolkit.optim.Ema;
import org.imagerl.toolkit.optim.LearningRate;
import org.imagerl.toolkit.parallel.GradientShards;
import org.imagerl.toolkit.parallel.Workers;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.sampling.PolicyWeights;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.training.config.BatchPlan;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.config.TrainedSteps;
import org.jspecify.annotations.Nullable;

/** The policy of a run and what trains it: the checkpoint, its trained tensors and their copies, the optimiser, the workers. */
public final class PolicyRuntime implements AutoCloseable {
    private final RunConfig config;
    private final RunParts parts;
    private final RandomStreams random;
    private final Pipeline pipeline;
    private final Tuning tuning;
    private final ImageSize size;
    private final Workers workers;
    private final GradientShards shards;
    private final PolicyWeights weights;
    private final GuidedPolicy policy;
    private final GuidedPolicy trainedPolicy;
    private final Sampler evaluationSampler;
    private final Optimiser optimiser;
    private final @Nullable Ema average;
    private final LearningRate learningRate;
    private final Opened opened;

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
        workers = opened.keep(new Workers(config.workers(), config.shardCount()));
        if (workers.count() > 1 && pipeline.manager().getDevice().isGpu()) {
            context.warnings()
                    .accept("warning: workers share one stream of the GPU: one is faster there than " + workers.count()
                            + " (workers: 1)");
        }
        shards = opened.keep(new GradientShards(tuning, workers, config.shardCount(), pipeline.manager()));
        weights = opened.keep(madeWeights());
        RunConfig.Rollout rollout = config.rollout();
        policy = policy(rollout.guidance(), config.trainedGuidance() != 1);
        trainedPolicy =
                config.trainedGuidance() == rollout.guidance() ? policy : policy.guidedBy(config.trainedGuidance());
        TransitionKernel first = kernel(
                0); // whether rollouts fit the checkpoint shows now, even where evaluations have their own dynamics
        requireTrainedSteps();
        RunConfig.Evaluation evaluation = config.evaluation();
        evaluationSampler = evaluation == null ? sampler(policy, first) : evaluationSampler(evaluation);
        optimiser = opened.keep(
                parts.updateRule().over(tuning.parameters(), tuning::learningRateFactor, pipeline.manager()));
        RunConfig.Optimiser o = config.optimiser();
        average =
                o.emaDecay() == 0 ? null : opened.keep(new Ema(o.emaDecay(), tuning.parameters(), pipeline.manager()));
        long total = (long) config.epochs()
                * o.innerEpochs()
                * BatchPlan.of(rollout, o).updates();
        learningRate = new LearningRate(
                o.learningRate(), LearningRate.Shape.valueOf(o.schedule().name()), o.warmupSteps(), total);
    }

    private static Pipeline pipeline(
            RunConfig config, @Nullable Augmentation augmentation, PipelineFactory family, Context context) {
        String dtype = config.dtype() == RunConfig.Dtype.FLOAT16 ? "float16" : "float32";
        RunConfig.Model model = config.model();
        PipelineFactory.Options options = new PipelineFactory.Options(
                dtype,
                config.memory().checkpointing(),
                new PipelineFactory.Model(model.embeddedGuidance(), model.textTokens()),
                context);
        Pipeline base = family.open(config.resolve(config.checkpoint()), options);
        try {
            return augmentation == null ? base : augmentation.augment(base);
        } catch (RuntimeException | Error e) {
            base.close();
            throw e;
        }
    }

    private static ImageSize size(RunConfig.Rollout rollout, Pipeline pipeline) {
        ImageSize trained = pipeline.defaultSize();
        Integer width = rollout.width();
        Integer height = rollout.height();
        return trained.or(width, height);
    }

    private GuidedPolicy policy(double guidance, boolean forTraining) {
        return new GuidedPolicy(
                pipeline,
                weights,
                new GuidedPolicy.Settings(guidance, config.rollout().negativePrompt(), size, forTraining));
    }

    private PolicyWeights madeWeights() {
        RunConfig.Algorithm given = config.algorithm();
        Set<WeightSet> kept = new HashSet<>(parts.objective().needs().weights());
        if (config.optimiser().updatesPerEpoch() * config.optimiser().innerEpochs() == 1) {
            kept.remove(WeightSet.BEHAVIOUR); // until the only update these are the live ones
        }
        WeightSet rollouts = given.sampledBy() == RunConfig.SampledBy.TRAILING ? WeightSet.EMA : WeightSet.LIVE;
        RunConfig.Trailing trailing = given.trailing();
        return new PolicyWeights(
                tuning,
                pipeline.manager(),
                kept,
                rollouts,
                steps -> Math.min(trailing.decay(), trailing.ramp() * Math.max(0, steps - trailing.delay())));
    }

    /** Some step that is trained has noise, in every epoch. */
    private void requireTrainedSteps() {
        if (!parts.objective().needs().density()
                || !(config.algorithm().trainedSteps() instanceof TrainedSteps.Fixed fixed)) {
            return;
        }
        for (long epoch = 0; epoch < config.epochs(); epoch++) {
            TransitionKernel kernel = kernel(epoch);
            if (fixed.steps().stream().noneMatch(step -> kernel.std(step) > 0)) {
                List<Integer> noisy = IntStream.range(0, kernel.steps())
                        .filter(step -> kernel.std(step) > 0)
                        .boxed()
                        .toList();
                throw UserException.input(
                        "algorithm.trained_steps: are " + fixed.steps() + ", but in epoch " + (epoch + 1)
                                + " the rollouts have noise in the steps " + noisy
                                + " alone; name some of them, or leave the choice to the dynamics (trained_steps:"
                                + " all)");
            }
        }
    }

    /** As rollouts, but for what the evaluation section says. */
    private Sampler evaluationSampler(RunConfig.Evaluation evaluation) {
        Double guidance = evaluation.guidance();
        Integer steps = evaluation.steps();
        GuidedPolicy guided = guidance == null ? policy : policy(guidance, false);
        TransitionKernel kernel = parts.evaluationDynamics()
                .kernel(
                        pipeline.schedule(size.width(), size.height()),
                        steps == null ? config.rollout().steps() : steps);
        return sampler(guided, kernel);
    }

    private Sampler sampler(GuidedPolicy of, TransitionKernel kernel) {
        return new Sampler(of, kernel, pipeline.latentShape(size.width(), size.height()));
    }

    /** The checkpoint. */
    public Pipeline pipeline() {
        return pipeline;
    }

    /** What is trained. */
    Tuning tuning() {
        return tuning;
    }

    /** Width and height of images in pixels. */
    ImageSize size() {
        return size;
    }

    /** What computes batches beside each other. */
    Workers workers() {
        return workers;
    }

    /** The trained tensors of each shard of an update. */
    GradientShards shards() {
        return shards;
    }

    /** The sets of weights. */
    public PolicyWeights weights() {
        return weights;
    }

    /** The policy with the guidance of rollouts. */
    GuidedPolicy policy() {
        return policy;
    }

    /** The policy with the guidance of training. */
    public GuidedPolicy trainedPolicy() {
        return trainedPolicy;
    }

    /** What makes weights of gradients. */
    Optimiser optimiser() {
        return optimiser;
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

    /** What samples the rollouts of an epoch. */
    public Sampler sampler(long epoch) {
        return new Sampler(
                policy, kernel(epoch), pipeline.latentShape(size.width(), size.height()), weights.rollouts());
    }

    /** What samples evaluations. */
    Sampler evaluationSampler() {
        return evaluationSampler;
    }

    /** What the objective needs of the way. */
    public Sampler.Keep kept() {
        Objective.Needs needs = parts.objective().needs();
        if (needs.noise()) {
            return Sampler.Keep.NOISE;
        }
        return needs.density() ? Sampler.Keep.TRANSITIONS : Sampler.Keep.LAST;
    }

    /** The chain of an epoch: the noisy steps may change with it. */
    TransitionKernel kernel(long epoch) {
        return parts.dynamics()
                .kernel(
                        pipeline.schedule(size.width(), size.height()),
                        config.rollout().steps(),
                        epoch,
                        random.seed("noisy steps", epoch));
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

    /** Runs the body with the averaged weights, if there are any: what is evaluated and exported. */
    <T> T averaged(Supplier<T> body) {
        return average == null ? body.get() : average.with(body);
    }

    /** What has memory, by name. */
    Map<String, Stateful> stateful() {
        Map<String, Stateful> stateful = new TreeMap<>();
        stateful.put("policy.weights", weights);
        stateful.put("policy.optimiser", optimiser);
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
