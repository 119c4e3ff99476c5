package org.imagerl.training.loop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.imagerl.config.RegisteredParts;
import org.imagerl.config.registry.Part;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Chain;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.run.Stateful;
import org.imagerl.toolkit.optim.AdamW;
import org.imagerl.toolkit.optim.Ema;
import org.imagerl.toolkit.optim.LearningRate;
import org.imagerl.toolkit.parallel.Replicas;
import org.imagerl.toolkit.parallel.Workers;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.sampling.PolicyWeights;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.training.config.Geometry;
import org.imagerl.training.config.Rules;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunPrompts;
import org.imagerl.training.config.TrainedSteps;
import org.jspecify.annotations.Nullable;

/** Everything that a run holds open: the checkpoint, what is tuned, the rewards, the optimiser. Made from the configuration alone. */
final class Session implements AutoCloseable {
    final RunConfig config;
    final RandomStreams random;
    final Pipeline pipeline;
    final Tuning tuning;
    final WeightedRewards rewards;
    final WeightedRewards evaluationRewards;
    final Algorithm algorithm;
    final RewardAdvantages advantages;
    final List<Prompt> trainPrompts;
    final List<Prompt> heldOutPrompts;
    final int[] size;
    final Workers workers;
    final Replicas replicas;
    final PolicyWeights weights;
    final GuidedPolicy policy;

    /** With the guidance of training. */
    final GuidedPolicy trainedPolicy;

    final Sampler evaluationSampler;
    private final @Nullable Augmentation augmentation;
    private final Dynamics dynamics;
    final AdamW optimiser;
    final @Nullable Ema ema;
    final LearningRate learningRate;

    /**
     * Opens everything, the cheap things first, so that a mistake shows before a checkpoint is loaded.
     *
     * @throws org.imagerl.spi.UserException with what is wrong
     */
    static Session open(RunConfig config, Registry registry, Consumer<String> told) {
        Consumer<String> warnings = line -> {
            synchronized (told) {
                told.accept(line); // workers warn, too
            }
        };
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            return new Session(config, registry, warnings, opened);
        } catch (RuntimeException | Error e) {
            closeAll(opened);
            throw e;
        }
    }

    private Session(RunConfig config, Registry registry, Consumer<String> warnings, List<AutoCloseable> opened) {
        this.config = config;
        random = new RandomStreams(config.seed());
        Context context = config.context(warnings, new RegisteredParts(registry));
        RunConfig.Evaluation evaluation = config.evaluation();
        augmentation =
                config.augmentation() == null ? null : config.augmentation().create(context);
        trainPrompts = prompts(config.prompts(), augmentation);
        heldOutPrompts = evaluation == null ? List.of() : prompts(evaluation.prompts(), augmentation);
        PromptFile.warnUnguided(trainPrompts, config.rollout().guidance(), warnings);
        Path checkpoint = config.resolve(config.checkpoint());
        PipelineFactory family = registry.pipeline(checkpoint, config.checkpoint());
        rewards = keep(opened, WeightedRewards.create(config.rewards(), context));
        evaluationRewards = keep(opened, withEvaluation(config, context));
        algorithm = keep(opened, Algorithm.of(config.algorithm(), context));
        checkPrompts();
        Rules.checkGroups(config.rollout(), Rules.minimumGroup(config, algorithm.advantage()), trainPrompts.size());
        if (config.rewardCombination() == RunConfig.RewardCombination.GDPO) {
            warnings.accept(
                    "reward_combination gdpo normalises each reward within its groups by itself: algorithm.advantage ("
                            + config.algorithm().advantage().type() + ") is not used");
        }
        advantages = new RewardAdvantages(config.rewardCombination(), algorithm.advantage());
        Pipeline base = keep(opened, family.open(checkpoint, options(config, context)));
        pipeline = augmentation == null ? base : augmentation.augment(base);
        opened.set(opened.size() - 1, pipeline); // which closes its base
        tuning = keep(opened, pipeline.tune(config.tuning(), random.seed("tuning")));
        size = size(config.rollout(), pipeline);
        checkSize(size[0], size[1]);
        RunConfig.Rollout rollout = config.rollout();
        workers = keep(opened, new Workers(config.workers()));
        if (workers.count() > 1 && pipeline.manager().getDevice().isGpu()) {
            warnings.accept("warning: workers share one stream of the GPU: one is faster there than " + workers.count()
                    + " (workers: 1)");
        }
        replicas = keep(opened, new Replicas(tuning, workers, pipeline.manager()));
        weights = keep(opened, weights());
        policy = policy(rollout.guidance(), config.trainedGuidance() != 1);
        trainedPolicy =
                config.trainedGuidance() == rollout.guidance() ? policy : policy.guidedBy(config.trainedGuidance());
        dynamics = rollout.dynamics().create(context);
        Chain first = chain(
                0); // whether rollouts fit the checkpoint shows now, even where evaluations have dynamics of their own
        requireTrainedSteps();
        evaluationSampler = evaluation == null ? sampler(policy, first) : evaluationSampler(evaluation, context);
        RunConfig.Optimiser o = config.optimiser();
        AdamW.Settings settings =
                new AdamW.Settings(o.beta1(), o.beta2(), o.epsilon(), o.weightDecay(), o.maxGradNorm());
        optimiser =
                keep(opened, new AdamW(settings, tuning.parameters(), tuning::learningRateFactor, pipeline.manager()));
        ema = o.emaDecay() == 0 ? null : keep(opened, new Ema(o.emaDecay(), tuning.parameters(), pipeline.manager()));
        long total = (long) config.epochs()
                * o.innerEpochs()
                * Geometry.of(rollout, o).updates();
        learningRate = new LearningRate(
                o.learningRate(), LearningRate.Shape.valueOf(o.schedule().name()), o.warmupSteps(), total);
        toClose = opened;
    }

    private final List<AutoCloseable> toClose;

    private static <T extends AutoCloseable> T keep(List<AutoCloseable> opened, T made) {
        opened.add(made);
        return made;
    }

    /** The files and folders that a run is made from. */
    List<Path> inputs() {
        List<Path> inputs = new ArrayList<>();
        evaluationRewards
                .entries()
                .forEach(entry -> inputs.addAll(entry.reward().files()));
        inputs.addAll(algorithm.objective().files());
        if (augmentation != null) {
            inputs.addAll(augmentation.files());
        }
        inputs.add(config.resolve(config.checkpoint()));
        inputs.add(config.resolve(config.prompts().file()));
        if (config.evaluation() != null) {
            inputs.add(config.resolve(config.evaluation().prompts().file()));
        }
        return inputs;
    }

    /** A prompt of an epoch, with what it is told in this epoch alone. */
    Prompt drawn(Prompt prompt, long epoch, int index) {
        return augmentation == null ? prompt : augmentation.drawn(prompt, random.seed("told", epoch, index));
    }

    /** What a prompt asks for beside its text, by name. */
    Map<String, String> asked(Prompt prompt) {
        return augmentation == null ? Map.of() : augmentation.asked(prompt);
    }

    private List<Prompt> prompts(RunConfig.Prompts source, @Nullable Augmentation augmentation) {
        List<Prompt> read = RunPrompts.read(source, config);
        return augmentation == null ? read : augmentation.prompts(read);
    }

    /** Held-out pictures are scored by what is trained on and by what is only watched. */
    private static WeightedRewards withEvaluation(RunConfig config, Context context) {
        List<RewardEntry> all = new ArrayList<>(config.rewards());
        for (RewardEntry watched : config.evaluationRewards()) {
            all.add(new RewardEntry(watched.reward(), watched.name(), 0, watched.rank(), watched.timeLimitS()));
        }
        return WeightedRewards.create(all, context.warning(line -> {}));
    }

    private void checkPrompts() {
        List<Reward> all = evaluationRewards.entries().stream()
                .map(WeightedRewards.Entry::reward)
                .toList();
        List<Prompt> prompts = new ArrayList<>(trainPrompts);
        prompts.addAll(heldOutPrompts);
        Rules.checkPrompts(all, prompts);
        trainPrompts.forEach(algorithm.objective()::check);
        if (algorithm.objective().maximisesRewards()) {
            checkTrained();
        }
    }

    private void checkTrained() {
        for (int i = 0; i < trainPrompts.size(); i++) {
            rewards.checkTrained(drawn(trainPrompts.get(i), 0, i));
        }
    }

    /** Asks all that makes, trains on or scores pictures whether it can work with these. */
    private void checkSize(int width, int height) {
        if (augmentation != null) {
            augmentation.checkSize(width, height);
        }
        algorithm.objective().checkSize(width, height);
        evaluationRewards.entries().forEach(entry -> entry.reward().checkSize(width, height));
    }

    private static PipelineFactory.Options options(RunConfig config, Context context) {
        String dtype = config.dtype() == RunConfig.Dtype.FLOAT16 ? "float16" : "float32";
        RunConfig.Model model = config.model();
        return new PipelineFactory.Options(
                dtype,
                config.memory().checkpointing(),
                new PipelineFactory.Model(model.embeddedGuidance(), model.textTokens()),
                context);
    }

    private static int[] size(RunConfig.Rollout rollout, Pipeline pipeline) {
        int[] trained = pipeline.defaultSize();
        Integer width = rollout.width();
        Integer height = rollout.height();
        return new int[] {width == null ? trained[0] : width, height == null ? trained[1] : height};
    }

    private GuidedPolicy policy(double guidance, boolean forTraining) {
        return new GuidedPolicy(
                pipeline,
                weights,
                new GuidedPolicy.Settings(guidance, config.rollout().negativePrompt(), size, forTraining));
    }

    private PolicyWeights weights() {
        RunConfig.Algorithm given = config.algorithm();
        Set<WeightSet> kept = new HashSet<>(algorithm.objective().needs().weights());
        if (config.optimiser().updatesPerEpoch() * config.optimiser().innerEpochs() == 1) {
            kept.remove(WeightSet.BEHAVIOUR); // until the only update these are the current ones
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

    /** What samples the rollouts of an epoch. */
    Sampler sampler(long epoch) {
        return new Sampler(policy, chain(epoch), pipeline.latentShape(size[0], size[1]), weights.rollouts());
    }

    private Sampler sampler(GuidedPolicy of, Chain chain) {
        return new Sampler(of, chain, pipeline.latentShape(size[0], size[1]));
    }

    /** What the objective needs of the way. */
    Sampler.Keep kept() {
        Objective.Needs needs = algorithm.objective().needs();
        if (needs.noise()) {
            return Sampler.Keep.NOISE;
        }
        return needs.density() ? Sampler.Keep.TRANSITIONS : Sampler.Keep.LAST;
    }

    /** The chain of an epoch: the noisy steps may change with it. */
    Chain chain(long epoch) {
        return dynamics.chain(
                pipeline.schedule(size[0], size[1]),
                config.rollout().steps(),
                epoch,
                random.seed("noisy steps", epoch));
    }

    /** Some step that is trained has noise, in every epoch. */
    private void requireTrainedSteps() {
        if (!algorithm.objective().needs().density()
                || !(config.algorithm().trainedSteps() instanceof TrainedSteps.Fixed fixed)) {
            return;
        }
        for (long epoch = 0; epoch < config.epochs(); epoch++) {
            Chain chain = chain(epoch);
            if (fixed.steps().stream().noneMatch(step -> chain.std(step) > 0)) {
                List<Integer> noisy = IntStream.range(0, chain.steps())
                        .filter(step -> chain.std(step) > 0)
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
    private Sampler evaluationSampler(RunConfig.Evaluation evaluation, Context context) {
        RunConfig.Rollout rollout = config.rollout();
        Double guidance = evaluation.guidance();
        Integer steps = evaluation.steps();
        GuidedPolicy guided = guidance == null ? policy : policy(guidance, false);
        Chain chain = (evaluation.dynamics() == null ? rollout.dynamics() : evaluation.dynamics())
                .create(context)
                .chain(pipeline.schedule(size[0], size[1]), steps == null ? rollout.steps() : steps);
        return sampler(guided, chain);
    }

    /** What the trust region allows with these latents, a line for the user; empty if there is nothing to say. */
    String allowance() {
        Part<TrustRegion> region = config.algorithm().trustRegion();
        Objective.Needs needs = algorithm.objective().needs();
        if (region == null || !needs.density() || needs.noise()) {
            return ""; // no ratio of densities, so that a range is no band of them
        }
        long elements = Arrays.stream(pipeline.latentShape(size[0], size[1])).reduce(1, Math::multiplyExact);
        return region.create(config.context(line -> {})).allowance(elements);
    }

    /** All that has memory, by name. */
    Map<String, Stateful> parts() {
        Map<String, Stateful> parts = new TreeMap<>();
        parts.put("weights", weights);
        parts.put("optimiser", optimiser);
        parts.put("advantage", advantages);
        if (ema != null) {
            parts.put("average", ema);
        }
        return parts;
    }

    /** Runs the body with the averaged weights, if there are any: what is evaluated and exported. */
    <T> T averaged(Supplier<T> body) {
        return ema == null ? body.get() : ema.with(body);
    }

    @Override
    public void close() {
        closeAll(toClose);
    }

    /** The last opened first. */
    private static void closeAll(List<AutoCloseable> opened) {
        for (int i = opened.size() - 1; i >= 0; i--) {
            try {
                opened.get(i).close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
