package org.imagerl.training.loop;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Progress;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.toolkit.optim.Ema;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.imagerl.training.config.RunConfig;

/**
 * Turns one epoch's rollouts into optimiser steps: shuffled, cut into updates, each update into micro-batches whose gradients add up to the
 * mean over its samples and passes.
 */
public final class PolicyUpdater {
    private final RunConfig.Optimiser config;
    private final int epochs;
    private final MicroBatches microBatches;
    private final Objective objective;
    private final Policy policy;
    private final PolicyRuntime runtime;
    private final Optimiser optimiser;
    private final RandomStreams random;

    /** @param policy with the guidance of training */
    public PolicyUpdater(RunConfig config, Objective objective, Policy policy, PolicyRuntime runtime) {
        this.config = config.optimiser();
        this.epochs = config.epochs();
        this.microBatches = new MicroBatches(config.algorithm().trainedSteps(), this.config.microBatch());
        this.objective = objective;
        this.policy = policy;
        this.runtime = runtime;
        this.optimiser = runtime.optimiser();
        this.random = new RandomStreams(config.seed());
    }

    /**
     * Trains on an epoch.
     *
     * @param chosen the samples to train on
     * @param advantages of all samples, clamped and scaled
     * @param diagnosed whether the last update is taken apart into its steps before it is made
     * @return the objective's metrics and the gradient norm
     */
    public Metrics run(
            Trajectories all, int[] chosen, Advantages advantages, long epoch, boolean diagnosed, Progress progress) {
        Metrics metrics = new Metrics();
        if (chosen.length == 0) {
            return metrics;
        }
        optimiser.discard(); // sampling may have left gradients: guidance by a classifier differentiates the denoiser
        List<int[]> units = units(all, chosen);
        int updates = Math.min(config.updatesPerEpoch(), units.size()); // where rewards failed, none without a sample
        for (int inner = 0; inner < config.innerEpochs(); inner++) {
            int[] order = random.permutation(units.size(), "order", epoch, inner);
            List<int[]> shuffled = Arrays.stream(order).mapToObj(units::get).toList();
            for (int update = 0; update < updates; update++) {
                int from = (int) ((long) units.size() * update / updates);
                int to = (int) ((long) units.size() * (update + 1) / updates);
                int pass = inner;
                Update one = new Update(
                        runtime.weights().onPolicy() && inner == 0 && update == 0,
                        row -> random.stream("trained steps", epoch, pass, row),
                        random.seed("objective", epoch, inner, update),
                        (double) epoch / epochs);
                List<MicroBatches.Part> parts = microBatches.of(possible(all), shuffled.subList(from, to), one.choices);
                if (diagnosed && inner == config.innerEpochs() - 1 && update == updates - 1) {
                    metrics.add(diagnose(all, parts, advantages, one), 1);
                }
                if (run(all, parts, advantages, one, metrics, this::accumulate)) {
                    step(epoch, metrics);
                }
                progress.update(
                        "update", (long) inner * updates + update + 1, (long) config.innerEpochs() * updates, "");
            }
        }
        return metrics;
    }

    /** The chosen samples as units of training. */
    private List<int[]> units(Trajectories all, int[] chosen) {
        if (objective.unit() == TrainingUnit.SAMPLE) {
            return Arrays.stream(chosen).mapToObj(row -> new int[] {row}).toList();
        }
        Map<String, List<Integer>> groups = new LinkedHashMap<>();
        for (int row : chosen) {
            groups.computeIfAbsent(all.prompts().get(row).id(), id -> new ArrayList<>())
                    .add(row);
        }
        return groups.values().stream()
                .map(rows -> rows.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    /**
     * One optimiser step.
     *
     * @param onPolicy whether the weights are still those that sampled
     * @param choices the stream of a sample's trained steps
     * @param seed of the objective's streams
     * @param progress share of the run's epochs that are trained
     */
    private record Update(boolean onPolicy, IntFunction<SplittableRandom> choices, long seed, double progress) {}

    /** Does something with one micro-batch, whose share of the update is given; says whether there were gradients. */
    @FunctionalInterface
    private interface MicroBatch {
        boolean accept(Batch batch, double share, Metrics metrics);
    }

    /** Runs micro-batches, which have their gradients and metrics added up; says whether there were gradients. */
    private boolean run(
            Trajectories all,
            List<MicroBatches.Part> parts,
            Advantages advantages,
            Update update,
            Metrics metrics,
            MicroBatch body) {
        List<Metrics> own = parts.stream().map(part -> new Metrics()).toList();
        AtomicBoolean trained = new AtomicBoolean();
        runtime.shards().run(parts.size(), index -> {
            MicroBatches.Part part = parts.get(index);
            try (NDManager manager =
                    all.state(all.kernel().steps()).getManager().newSubManager()) {
                Trajectories path = Gradients.off(() -> all.rows(manager, part.rows()));
                Batch batch = new Batch(
                        path,
                        advantages.rows(part.rows()),
                        part.steps(),
                        update.onPolicy,
                        update.seed,
                        update.progress,
                        part.rows());
                if (body.accept(batch, part.share(), own.get(index))) {
                    trained.set(true);
                }
            }
        });
        own.forEach(each -> metrics.add(each, 1));
        return trained.get();
    }

    /** Whether there was anything to differentiate. */
    private boolean accumulate(Batch batch, double share, Metrics metrics) {
        Metrics added = objective.backward(policy, batch, share);
        metrics.add(added, share);
        int passes = objective.passes(batch);
        for (int pass = 0; pass < passes; pass++) {
            backward(batch, pass, share / passes, share, metrics);
        }
        return objective.trains() && (passes > 0 || !added.isEmpty());
    }

    /**
     * The objective's metrics and the norm of the gradient of each trained step by itself, as {@code step_3_NAME}: what an update would do, step by
     * step, at weights that the updates before it have moved. Costs as much as the update, and changes nothing.
     */
    private Metrics diagnose(Trajectories all, List<MicroBatches.Part> parts, Advantages advantages, Update update) {
        Metrics taken = new Metrics();
        int[] steps = parts.stream()
                .flatMapToInt(part -> Arrays.stream(part.steps()))
                .distinct()
                .sorted()
                .toArray();
        for (int step : steps) {
            List<MicroBatches.Part> ofStep = MicroBatches.only(parts, step);
            Metrics metrics = new Metrics();
            run(all, ofStep, advantages, update, metrics, (batch, share, own) -> {
                backward(batch, 0, share, share, own);
                return true;
            });
            int samples = ofStep.stream().mapToInt(part -> part.rows().length).sum();
            metrics.mean("grad_norm", optimiser.discard()).last("samples", samples);
            taken.add(metrics.prefixed("step_" + step + "_"), 1);
        }
        return taken;
    }

    private void backward(Batch batch, int pass, double weight, double share, Metrics metrics) {
        Scope.run(() -> Gradients.record(recording -> {
            Loss loss = objective.loss(policy, batch, pass);
            recording.backward(Kernels.scale(loss.value(), weight));
            metrics.add(loss.metrics(), share);
            return loss;
        }));
    }

    private void step(long epoch, Metrics metrics) {
        Optimiser.Step step = optimiser.step(runtime.learningRate());
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
    private int[] possible(Trajectories all) {
        return IntStream.range(0, all.kernel().steps())
                .filter(step -> all.trainable(step) || !objective.needs().density())
                .toArray();
    }
}
