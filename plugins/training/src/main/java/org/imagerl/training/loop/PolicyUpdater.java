package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.LossTerms;
import org.imagerl.spi.Objective;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.toolkit.optim.Ema;
import org.imagerl.toolkit.optim.GradientAside;
import org.imagerl.toolkit.optim.LossScale;
import org.imagerl.toolkit.optim.TrialStep;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.training.config.OptimiserConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.work.GradientExecutor;
import org.imagerl.training.work.GradientUnit;
import org.imagerl.training.work.PolicyVersion;
import org.imagerl.training.work.Sampling;
import org.jspecify.annotations.Nullable;

/**
 * Turns one epoch's rollouts into optimiser steps: shuffled, cut into updates, each update into micro-batches whose gradients add up to the
 * mean over its samples and passes.
 */
public final class PolicyUpdater {
    private final OptimiserConfig config;
    private final int epochs;
    private final MicroBatches microBatches;
    private final Objective objective;
    private final PolicyRuntime runtime;
    private final GradientExecutor gradients;
    private final Optimiser optimiser;
    private final LossScale lossScale;
    private final PenaltyGradient joined;
    private final RandomStreams random;

    /** @param gradients what computes them */
    public PolicyUpdater(RunConfig config, RunParts parts, PolicyRuntime runtime, GradientExecutor gradients) {
        this.config = config.optimiser();
        this.epochs = config.epochs();
        this.microBatches = new MicroBatches(config.algorithm().trainedSteps(), this.config.microBatch());
        this.objective = parts.objective();
        this.joined = parts.penaltyGradient();
        this.runtime = runtime;
        this.gradients = gradients;
        this.optimiser = runtime.optimiser();
        this.lossScale = runtime.lossScale();
        this.random = new RandomStreams(config.seed());
    }

    /**
     * Trains on an epoch.
     *
     * @param sampling how the rollout was made
     * @param prompts of all samples
     * @param chosen the samples to train on
     * @param advantages of all samples, clamped and scaled
     * @param diagnosed whether the last update is taken apart into its steps before it is made
     * @return the objective's metrics and the gradient norm
     */
    public Metrics run(
            Sampling sampling,
            List<Prompt> prompts,
            int[] chosen,
            Advantages advantages,
            long epoch,
            boolean diagnosed,
            Progress progress) {
        Metrics metrics = new Metrics();
        if (chosen.length == 0) {
            return metrics;
        }
        optimiser.discard(); // sampling may have left gradients: guidance by a classifier differentiates the denoiser
        List<int[]> units = units(prompts, chosen, advantages.samples());
        int[] possible = possible(runtime.sampling().kernel(sampling.kernel()));
        int updates = Math.min(config.updatesPerEpoch(), units.size()); // where rewards failed, none without a sample
        for (int inner = 0; inner < config.innerEpochs(); inner++) {
            int[] order = random.permutation(units.size(), "order", epoch, inner);
            List<int[]> shuffled = Arrays.stream(order).mapToObj(units::get).toList();
            for (int update = 0; update < updates; update++) {
                int from = (int) ((long) units.size() * update / updates);
                int to = (int) ((long) units.size() * (update + 1) / updates);
                int pass = inner;
                Update unmarked = new Update(
                        sampling.rollout(),
                        advantages,
                        runtime.weights().onPolicy() && inner == 0 && update == 0,
                        random.seed("objective", epoch, inner, update),
                        (double) epoch / epochs,
                        null,
                        LossTerms.ALL);
                List<MicroBatches.Part> parts = microBatches.of(
                        possible, shuffled.subList(from, to), row -> random.stream("trained steps", epoch, pass, row));
                Update one = surveyed(parts, unmarked);
                if (diagnosed && inner == config.innerEpochs() - 1 && update == updates - 1) {
                    metrics.add(diagnose(parts, one), 1);
                }
                compare(parts, one);
                if (differentiate(parts, one, false, metrics)) {
                    step(epoch, metrics);
                }
                progress.update(
                        "update", (long) inner * updates + update + 1, (long) config.innerEpochs() * updates, "");
            }
        }
        return metrics;
    }

    /**
     * The objective's metrics on samples that are not trained on, with the live weights and always the same random numbers. Changes no weight. An objective
     * that first looks at a whole update says nothing.
     */
    Metrics observe(Sampling sampling, List<Prompt> prompts, Advantages advantages) {
        Metrics metrics = new Metrics();
        if (objective.survey() != null) {
            return metrics;
        }
        runtime.weights().beforeUpdates(); // the behaviour policy is the live one, as at the beginning of an epoch
        int[] all = IntStream.range(0, prompts.size()).toArray();
        List<MicroBatches.Part> parts = microBatches.of(
                possible(runtime.sampling().kernel(sampling.kernel())),
                units(prompts, all, advantages.samples()),
                row -> random.stream("trained steps of held-out samples", row));
        long seed = random.seed("objective of held-out samples");
        optimiser.discard();
        differentiate(
                parts, new Update(sampling.rollout(), advantages, true, seed, 0, null, LossTerms.ALL), false, metrics);
        optimiser.discard();
        return metrics;
    }

    /** The chosen samples as units of training. */
    private List<int[]> units(List<Prompt> prompts, int[] chosen, double[] advantages) {
        if (objective.unit() == TrainingUnit.SAMPLE) {
            return Arrays.stream(chosen).mapToObj(row -> new int[] {row}).toList();
        }
        Map<String, List<Integer>> groups = new LinkedHashMap<>();
        for (int row : chosen) {
            groups.computeIfAbsent(prompts.get(row).id(), id -> new ArrayList<>())
                    .add(row);
        }
        List<int[]> units = groups.values().stream()
                .map(rows -> rows.stream().mapToInt(Integer::intValue).toArray())
                .toList();
        return objective.unit() == TrainingUnit.GROUP
                ? units
                : units.stream()
                        .map(group -> new int[] {best(advantages, 1, group), best(advantages, -1, group)})
                        .filter(pair -> advantages[pair[0]] > advantages[pair[1]])
                        .toList();
    }

    /** The sample of a prompt with the largest signed advantage, the first of equal ones. */
    private static int best(double[] advantages, int sign, int... group) {
        int found = group[0];
        for (int row : group) {
            found = sign * advantages[row] > sign * advantages[found] ? row : found;
        }
        return found;
    }

    /**
     * One optimiser step.
     *
     * @param rollout that it trains on
     * @param advantages of all samples
     * @param onPolicy whether the weights are still those that sampled
     * @param seed of the objective's streams
     * @param progress share of the run's epochs that are trained
     * @param marks of the objective's survey by sample of the epoch and step; null without one
     * @param terms of the loss
     */
    private record Update(
            String rollout,
            Advantages advantages,
            boolean onPolicy,
            long seed,
            double progress,
            double @Nullable [][] marks,
            LossTerms terms) {

        Update offPolicy() {
            return new Update(rollout, advantages, false, seed, progress, marks, terms);
        }

        Update marked(double[][] given) {
            return new Update(rollout, advantages, onPolicy, seed, progress, given, terms);
        }

        Update only(LossTerms some) {
            return new Update(rollout, advantages, onPolicy, seed, progress, marks, some);
        }

        double @Nullable [][] marks(int... rows) {
            double[][] all = marks;
            return all == null
                    ? null
                    : Arrays.stream(rows).mapToObj(row -> all[row]).toArray(double[][]::new);
        }
    }

    /** The update with what the objective's look at all of it gave. */
    private Update surveyed(List<MicroBatches.Part> parts, Update update) {
        UpdateSurvey survey = objective.survey();
        if (survey == null) {
            return update;
        }
        if (survey.trial()) {
            compare(parts, update);
            differentiate(parts, update, false, new Metrics());
            TrialStep.run(
                    optimiser,
                    runtime.tuning().parameters(),
                    runtime.learningRate(),
                    runtime.pipeline().manager(),
                    runtime.weights()::takeTrial);
        }
        return update.marked(SurveyMarks.of(
                survey,
                gradients.survey(units(parts, update, false)),
                update.seed,
                update.advantages.samples().length));
    }

    /** The gradients at the further weights that the optimiser wants them at, if there are such: those did not sample the rollouts. */
    private void compare(List<MicroBatches.Part> parts, Update update) {
        SortedMap<String, NDArray> others = optimiser.compared();
        if (!others.isEmpty()) {
            runtime.at(others, () -> differentiate(parts, update.offPolicy(), false, new Metrics()));
            optimiser.compare();
        }
    }

    /** Accumulates the gradient of an update, its penalties joined with the rest; says whether there was anything to differentiate. */
    private boolean differentiate(List<MicroBatches.Part> parts, Update update, boolean firstPass, Metrics metrics) {
        if (!joined.apart()) {
            return add(parts, update, firstPass, metrics);
        }
        boolean trained = add(parts, update.only(LossTerms.POLICY), firstPass, metrics);
        try (GradientAside policy = new GradientAside(
                runtime.tuning().parameters(), runtime.pipeline().manager())) {
            boolean penalised = add(parts, update.only(LossTerms.PENALTY), firstPass, metrics);
            GradientAside.Angle angle = policy.join(joined);
            metrics.mean("policy_grad_norm", angle.asideNorm());
            metrics.mean("penalty_grad_norm", angle.norm());
            metrics.mean("penalty_grad_cosine", Double.isFinite(angle.cosine()) ? angle.cosine() : 0);
            return trained || penalised;
        }
    }

    /** Adds the gradients and the metrics of micro-batches; says whether there were gradients. */
    private boolean add(List<MicroBatches.Part> parts, Update update, boolean firstPass, Metrics metrics) {
        List<GradientExecutor.Outcome> outcomes = gradients.add(units(parts, update, firstPass));
        outcomes.forEach(outcome -> metrics.add(outcome.metrics(), 1));
        lossScale.unscale(runtime.tuning().parameters().values());
        return outcomes.stream().anyMatch(GradientExecutor.Outcome::trained);
    }

    private List<GradientUnit> units(List<MicroBatches.Part> parts, Update update, boolean firstPass) {
        PolicyVersion policy = runtime.version(WeightSet.LIVE, false);
        return parts.stream()
                .map(part -> new GradientUnit(
                        policy,
                        update.rollout,
                        part.rows(),
                        update.advantages.rows(part.rows()),
                        part.steps(),
                        part.share(),
                        lossScale.value(),
                        update.onPolicy,
                        update.seed,
                        update.progress,
                        update.marks(part.rows()),
                        update.terms,
                        firstPass))
                .toList();
    }

    /**
     * The objective's metrics and the norm of the gradient of each trained step by itself, as {@code step_3_NAME}: what an update would do, step by
     * step, at weights that the updates before it have moved. Costs as much as the update, and changes nothing.
     */
    private Metrics diagnose(List<MicroBatches.Part> parts, Update update) {
        Metrics taken = new Metrics();
        int[] steps = parts.stream()
                .flatMapToInt(part -> Arrays.stream(part.steps()))
                .distinct()
                .sorted()
                .toArray();
        for (int step : steps) {
            List<MicroBatches.Part> ofStep = MicroBatches.only(parts, step);
            Metrics metrics = new Metrics();
            differentiate(ofStep, update, true, metrics);
            int samples = ofStep.stream().mapToInt(part -> part.rows().length).sum();
            metrics.mean("grad_norm", optimiser.discard()).last("samples", samples);
            taken.add(metrics.prefixed("step_" + step + "_"), 1);
        }
        return taken;
    }

    private void step(long epoch, Metrics metrics) {
        if (lossScale.isDynamic()) {
            metrics.last("loss_scale", lossScale.value());
        }
        Optimiser.Step step = optimiser.step(runtime.learningRate());
        if (lossScale.learn(step.skipped())) {
            metrics.sum("skipped_updates", 1);
            return;
        }
        if (step.skipped()) {
            throw UserException.input(
                    "epoch " + (epoch + 1) + ": the gradient is not finite, nothing was changed by it. Lower"
                            + " optimiser.learning_rate, or use dtype float32");
        }
        metrics.mean("grad_norm", step.gradNorm());
        long steps = optimiser.steps();
        Ema average = runtime.average();
        if (average != null && (steps + 1) % config.emaEvery() == 0) {
            average.update(Math.max(0, steps - config.emaDelay()));
        }
    }

    /** The steps that can be trained: only such as have a density, if the objective needs one. */
    private int[] possible(TransitionKernel kernel) {
        return IntStream.range(0, kernel.steps())
                .filter(step -> kernel.std(step) > 0 || !objective.needs().density())
                .toArray();
    }
}
