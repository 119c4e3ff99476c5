package org.imagerl.bench.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.imagerl.bench.timing.Seconds;
import org.imagerl.bench.timing.Timing;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.sampling.JoinedTrajectories;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RolloutConfig;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.PolicyUpdater;
import org.imagerl.training.loop.ThreadGradients;
import org.imagerl.training.work.Sampling;

/**
 * The time that the first optimiser step after rollouts takes beyond its passes of the denoiser. Passes with and
 * without gradients are counted in one step, then as many of the denoiser alone, on the same micro-batches, are timed
 * in turn with whole steps.
 */
final class UpdateCost implements AutoCloseable {
    private static final int MICRO_BATCHES = 2;

    private final OpenRun run;
    private final NDManager manager;
    private final Trajectories trajectories;
    private final List<Trajectories> microBatches = new ArrayList<>();
    private final Counted policy;

    /** The time of a step, and that of its passes alone. */
    private record Turn(Seconds update, Seconds trained, Map<WeightSet, Seconds> beside) {

        /** The step without the passes beside, over the trained passes alone. */
        double ratio(ToDoubleFunction<Seconds> unit) {
            double others = beside.values().stream().mapToDouble(unit).sum();
            return (unit.applyAsDouble(update) - others) / unit.applyAsDouble(trained);
        }
    }

    private UpdateCost(OpenRun run) {
        this.run = run;
        policy = new Counted(run.runtime().sampling().trainedPolicy());
        manager = run.runtime().pipeline().manager().newSubManager();
        int micro = run.config().optimiser().microBatch();
        RolloutConfig rollout = run.config().rollout();
        trajectories = sample(Math.min(MICRO_BATCHES * micro, rollout.promptsPerEpoch() * rollout.samplesPerPrompt()));
        for (int from = 0; from < trajectories.size(); from += micro) {
            int[] rows = IntStream.range(from, Math.min(trajectories.size(), from + micro))
                    .toArray();
            microBatches.add(Gradients.off(() -> trajectories.rows(manager, rows)));
        }
    }

    /**
     * Measures, and leaves nothing behind.
     *
     * @param prepared closed at the end
     * @param turns each number is the median of so many
     * @param lines takes the results, a line each
     * @throws org.imagerl.spi.UserException if the run cannot be started
     */
    static void run(PreparedRun prepared, Registry registry, int turns, Consumer<String> lines) {
        try (OpenRun run = OpenRun.open(prepared, registry, lines);
                UpdateCost cost = new UpdateCost(run)) {
            cost.update();
            Map<WeightSet, Integer> passes = cost.policy.taken();
            if (!passes.containsKey(WeightSet.LIVE)) {
                lines.accept(
                        "update    trains on no passes of the denoiser alone: there is nothing to compare it with");
                return;
            }
            cost.turn(passes);
            List<Turn> measured = new ArrayList<>();
            for (int i = 0; i < turns; i++) {
                measured.add(cost.turn(passes));
            }
            cost.report(passes, measured, lines);
        }
    }

    private Trajectories sample(int count) {
        List<Prompt> all = run.prompts().train();
        List<Trajectories> parts = new ArrayList<>();
        Sampling sampling = run.runtime().sampling().rollouts(0);
        Sampler sampler = run.runtime().sampling().sampler(sampling);
        int batch = run.config().rollout().batchSize();
        for (int from = 0; from < count; from += batch) {
            long[] seeds = IntStream.range(from, Math.min(count, from + batch))
                    .mapToLong(i -> i)
                    .toArray();
            List<Prompt> prompts = Arrays.stream(seeds)
                    .mapToObj(i -> all.get((int) (i % all.size())))
                    .toList();
            parts.add(sampler.sample(manager, prompts, seeds, sampling.keep(), step -> {}));
        }
        return JoinedTrajectories.of(manager, parts);
    }

    /** One optimiser step, as the training loop does it; the advantages are made up. */
    private void update() {
        double[] advantages = new double[trajectories.size()];
        Arrays.setAll(advantages, i -> i % 2 == 0 ? 1 : -1);
        int[] all = IntStream.range(0, advantages.length).toArray();
        run.runtime().weights().beforeUpdates();
        Objective objective = run.parts().objective();
        new PolicyUpdater(
                        run.config(),
                        run.parts(),
                        run.runtime(),
                        new ThreadGradients(
                                run.runtime(), objective, policy, ThreadGradients.Samples.of(rollout -> trajectories)))
                .run(
                        run.runtime().sampling().rollouts(0),
                        trajectories.prompts(),
                        all,
                        Advantages.ofSamples(advantages),
                        0,
                        false,
                        (stage, done, total, detail) -> {});
    }

    private Turn turn(Map<WeightSet, Integer> passes) {
        Seconds update = Seconds.of(this::update);
        Map<WeightSet, Seconds> beside = new EnumMap<>(WeightSet.class);
        passes.forEach((weights, count) -> beside.put(weights, Seconds.of(() -> passes(weights, count))));
        Seconds trained = beside.getOrDefault(WeightSet.LIVE, Seconds.NONE);
        beside.remove(WeightSet.LIVE);
        return new Turn(update, trained, beside);
    }

    /** As many passes of the denoiser alone: with gradients for the current weights, without for all others. */
    private void passes(WeightSet weights, int count) {
        for (int i = 0; i < count; i++) {
            Trajectories batch = microBatches.get(i % microBatches.size());
            if (weights == WeightSet.LIVE) {
                Scope.run(() -> Gradients.record(recording -> {
                    NDArray output = output(weights, batch);
                    recording.backward(output, output.stopGradient());
                    return output;
                }));
            } else {
                Scope.run(() -> Gradients.off(() -> output(weights, batch)));
            }
        }
    }

    private NDArray output(WeightSet weights, Trajectories batch) {
        double[] timesteps = new double[batch.size()];
        Arrays.fill(timesteps, batch.kernel().timestep(batch.kernel().steps() / 2));
        return run.runtime()
                .sampling()
                .trainedPolicy()
                .output(weights, batch.state(batch.kernel().steps()), timesteps, batch);
    }

    private void report(Map<WeightSet, Integer> passes, List<Turn> turns, Consumer<String> lines) {
        lines.accept(String.format(
                Locale.ROOT,
                "update    %.2f s: %d images, micro-batches of %d, one worker",
                Timing.median(turns.stream().map(turn -> turn.update.clock()).toList()),
                trajectories.size(),
                run.config().optimiser().microBatch()));
        lines.accept(String.format(
                Locale.ROOT,
                "  alone   %.2f s %d forward and backward passes of the denoiser",
                Timing.median(turns.stream().map(turn -> turn.trained.clock()).toList()),
                passes.getOrDefault(WeightSet.LIVE, 0)));
        for (WeightSet weights :
                new TreeMap<>(passes).tailMap(WeightSet.LIVE, false).keySet()) {
            lines.accept(String.format(
                    Locale.ROOT,
                    "  alone   %.2f s %d forward passes with the %s weights",
                    Timing.median(turns.stream()
                            .map(turn -> turn.beside
                                    .getOrDefault(weights, Seconds.NONE)
                                    .clock())
                            .toList()),
                    passes.getOrDefault(weights, 0),
                    weights == WeightSet.EMA ? "EMA" : weights.name().toLowerCase(Locale.ROOT)));
        }
        double ratio = Timing.median(
                turns.stream().map(turn -> turn.ratio(Seconds::clock)).toList());
        lines.accept(String.format(
                Locale.ROOT,
                "          update without the other weights' passes over the denoiser alone: %.3f",
                ratio));
        lines.accept(String.format(
                Locale.ROOT,
                "          by processor time, which other programs disturb less: %s",
                Seconds.shown(Timing.median(turns.stream()
                        .map(turn -> turn.ratio(Seconds::processor))
                        .toList()))));
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Counts the passes that an objective asks for. */
    private static final class Counted implements Policy {
        private final Policy policy;
        private final Map<WeightSet, Integer> passes = new EnumMap<>(WeightSet.class);

        Counted(Policy policy) {
            this.policy = policy;
        }

        @Override
        public NDArray output(WeightSet weights, NDArray latents, double[] timesteps, Trajectories batch) {
            passes.merge(weights, 1, Integer::sum);
            return policy.output(weights, latents, timesteps, batch);
        }

        @Override
        public Schedule schedule() {
            return policy.schedule();
        }

        @Override
        public <T> T with(WeightSet weights, Supplier<T> body) {
            return policy.with(weights, body);
        }

        @Override
        public Conditioning encode(List<Prompt> prompts) {
            return policy.encode(prompts);
        }

        @Override
        public NDArray latents(NDArray images) {
            return policy.latents(images);
        }

        @Override
        public NDArray decode(NDArray latents) {
            return policy.decode(latents);
        }

        /** Passes so far. */
        Map<WeightSet, Integer> taken() {
            return new EnumMap<>(passes);
        }
    }
}
