package org.imagerl.training.loop;

import ai.djl.engine.Engine;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Registry;
import org.imagerl.images.Fonts;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.Selection;
import org.imagerl.spi.io.Claim;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.Tracker;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.report.Curves;
import org.imagerl.training.report.MetricsLog;
import org.imagerl.training.run.Provenance;
import org.imagerl.training.run.RunFolder;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.Sampling;
import org.jspecify.annotations.Nullable;

/**
 * The one training loop: rollout, reward, advantage, update, evaluate, save. It knows no algorithm: what is maximised and how is in the
 * parts that the configuration names.
 */
public final class Training {
    private static final String VERSION = Optional.ofNullable(
                    Training.class.getPackage().getImplementationVersion())
            .orElse("development");
    /** Rollout and update run the same arithmetic; batches of another size differ in the last bits. */
    private static final double ON_POLICY_TOLERANCE = 1e-3;

    private final OpenRun open;
    private final RunConfig config;
    private final RunParts parts;
    private final PolicyRuntime runtime;
    private final PolicyUpdater updater;
    private final Rollouts rollouts;
    private final SampleGrid grid;
    private final @Nullable Evaluation evaluation;
    private final RunFolder run;
    private final List<Tracker> trackers;
    private final Progress progress;
    private final Consumer<String> notices;
    private final RewardReport rewardReport;

    /** All numbers of the run so far, those of before a resume included. */
    private final List<MetricsLog.Row> history = new ArrayList<>();

    /** Mean reward on held-out prompts at the last evaluation, for the progress line. */
    private @Nullable Double heldOut;

    /**
     * How a run ended.
     *
     * @param folder the run
     * @param finished whether all epochs were trained, or the user stopped it
     * @param before evaluation metrics before training; empty without held-out prompts
     * @param after evaluation metrics of the last evaluation
     * @param export what was trained, for other tools; null if stopped
     * @param evaluatedBy the dynamics and the number of steps of evaluations
     */
    public record Result(
            Path folder,
            boolean finished,
            Map<String, Double> before,
            Map<String, Double> after,
            @Nullable Path export,
            String evaluatedBy) {}

    private Training(OpenRun open, RunFolder run, RunExecutors executors, Progress progress, Consumer<String> notices) {
        this.open = open;
        this.config = open.config();
        this.parts = open.parts();
        this.runtime = open.runtime();
        this.updater = new PolicyUpdater(config, parts.objective(), runtime, executors.gradients());
        this.rollouts = new Rollouts(executors.rollouts(), config.rollout().batchSize(), progress);
        this.grid = new SampleGrid(open, rollouts);
        RunConfig.Evaluation held = config.evaluation();
        this.evaluation = held == null ? null : new Evaluation(open, rollouts, held.samplesPerPrompt());
        this.run = run;
        this.trackers = Stream.concat(Stream.of(run.metrics()), parts.trackers().stream())
                .toList();
        this.progress = progress;
        this.notices = notices;
        this.rewardReport = new RewardReport(parts.objective().maximisesRewards(), notices, run::log);
    }

    /**
     * Starts a run.
     *
     * @param commandLine as typed, for the provenance
     * @param progress learns of every stage; asked whether the user wants to stop
     * @param notices takes lines for the user
     * @throws org.imagerl.spi.UserException before anything is written, if something is wrong
     */
    public static Result start(
            EffectiveConfig effective,
            Registry registry,
            List<String> commandLine,
            Progress progress,
            Consumer<String> notices) {
        return start(PreparedRun.of(effective, registry, notices), registry, commandLine, progress, notices);
    }

    /**
     * Starts a run whose parts are made already.
     *
     * @param prepared closed at the end
     */
    public static Result start(
            PreparedRun prepared,
            Registry registry,
            List<String> commandLine,
            Progress progress,
            Consumer<String> notices) {
        return start(prepared, registry, commandLine, progress, notices, RunExecutors.THREADS);
    }

    /**
     * Starts a run that others compute.
     *
     * @param prepared closed at the end
     * @param computing closed at the end
     */
    public static Result start(
            PreparedRun prepared,
            Registry registry,
            List<String> commandLine,
            Progress progress,
            Consumer<String> notices,
            RunExecutors.Factory computing) {
        RunConfig config = prepared.config();
        try (Claim claim = claim(prepared);
                OpenRun open = OpenRun.open(prepared, registry, notices);
                RunFolder run = RunFolder.create(
                        config.run(),
                        prepared.effective().yaml(),
                        provenance(open, registry, commandLine),
                        Clock.systemUTC());
                RunExecutors executors = computing.open(open, run.path())) {
            claim.release();
            return new Training(open, run, executors, progress, notices).run(0, -1);
        }
    }

    /** Two runs of one name that are started together meet here, not when both have loaded all. */
    private static Claim claim(PreparedRun prepared) {
        try {
            return RunFolder.claim(prepared.config().run());
        } catch (RuntimeException e) {
            prepared.close();
            throw e;
        }
    }

    /** Goes on with a run from its newest checkpoint. */
    public static Result resume(Path folder, Registry registry, Progress progress, Consumer<String> notices) {
        return resume(folder, registry, progress, notices, RunExecutors.THREADS);
    }

    /** Goes on with a run that others compute, whoever computed it before. */
    public static Result resume(
            Path folder,
            Registry registry,
            Progress progress,
            Consumer<String> notices,
            RunExecutors.Factory computing) {
        PreparedRun prepared =
                new RunConfigLoader(registry).prepare(RunFolder.configOf(folder), Overrides.NONE, notices);
        RunConfig config = prepared.config();
        RunFolder.refuseHeld(folder);
        try (OpenRun open = OpenRun.open(prepared, registry, notices);
                RunFolder run = RunFolder.resume(folder, config.run(), Clock.systemUTC(), notices);
                RunExecutors executors = computing.open(open, folder)) {
            Optional<Path> newest = run.checkpoints().latest();
            long epoch = newest.map(checkpoint -> TrainingState.restore(checkpoint, open.stateful()))
                    .orElse(0L);
            Provenance.changed(folder.resolve(RunFolder.PROVENANCE), inputs(open, registry))
                    .forEach(file ->
                            notices.accept("warning: " + file + " is another file than when the run began: what follows"
                                    + " is no longer what an uninterrupted run would do"));
            notices.accept("resuming " + folder + " after epoch " + epoch + " of " + config.epochs()
                    + (epoch < config.epochs()
                            ? ""
                            : ": nothing is left to train; what was trained is exported again"));
            return new Training(open, run, executors, progress, notices).run(epoch, newest.isPresent() ? epoch : -1);
        }
    }

    /** The files that the result depends on: checkpoint, prompts, reward models, and the jars of others. */
    private static List<Path> inputs(OpenRun open, Registry registry) {
        List<Path> inputs = new ArrayList<>(open.inputs());
        inputs.addAll(registry.foreignJars());
        return inputs;
    }

    private static Provenance provenance(OpenRun open, Registry registry, List<String> commandLine) {
        String engine = "PyTorch " + Engine.getEngine("PyTorch").getVersion();
        return Provenance.of(
                VERSION, engine, open.config().seed(), commandLine, inputs(open, registry), Clock.systemUTC());
    }

    /**
     * @param done epochs that are trained
     * @param kept the epoch whose numbers are the last that count; -1 if there are none
     */
    private Result run(long done, long kept) {
        trackers.forEach(tracker -> tracker.begin(run.path(), kept));
        history.addAll(run.metrics().read());
        String allowance = runtime.allowance();
        if (!allowance.isEmpty()) {
            notices.accept(allowance);
            run.log(allowance);
        }
        sayHowLong(config.epochs() - done);
        if (kept < 0) {
            Metrics metrics = new Metrics();
            evaluate(metrics);
            track(0, metrics);
            drawSamples(0);
        }
        long epoch = done;
        try {
            while (epoch < config.epochs() && !progress.stopped()) {
                Metrics metrics = train(epoch);
                epoch++;
                after(epoch, metrics);
            }
        } catch (Rollouts.Stopped e) {
            notices.accept("epoch " + (epoch + 1) + " is given up, and with it " + e.lost()
                    + "; resuming samples the same ones again");
        }
        if (run.checkpoints().latestStep().orElse(-1) != epoch) {
            save(epoch, Double.NaN);
        }
        return finish(epoch);
    }

    private void track(long epoch, Metrics metrics) {
        run.requireThere();
        history.add(new MetricsLog.Row(epoch, metrics.values()));
        trackers.forEach(tracker -> tracker.metrics(epoch, metrics.values()));
    }

    private void drawSamples(long epoch) {
        Path folder = run.samples(epoch, grid::write);
        trackers.forEach(tracker -> tracker.images(epoch, folder));
        Fonts.warnIfMissing(notices);
    }

    /** A run that takes days says so before it starts, not after. */
    private void sayHowLong(long epochs) {
        if (epochs > 0) {
            String line = Plan.of(open, epochs).line();
            notices.accept(line);
            run.log(line);
        }
    }

    /** One epoch: rollout, reward, advantage, update. */
    private Metrics train(long epoch) {
        Cost cost = new Cost(runtime);
        EpochRequest asked = EpochRequest.of(config, parts, open.prompts(), epoch);
        Sampling sampling = runtime.rollouts(epoch);
        String stage = stage(epoch, "rollout");
        try (Rollout rollout = rollouts.sample(sampling, asked.prompts(), asked.seeds(), true, stage)) {
            double sampled = cost.seconds();
            double[] rewards = rollout.rewards().totals();
            parts.promptSampler().scored(asked.prompts(), rewards);
            parts.budget().scored(asked.prompts(), rewards);
            List<String> groups = asked.prompts().stream().map(Prompt::id).toList();
            Advantages advantages = advantages(rollout, groups, epoch);
            int[] chosen = Arrays.stream(chosen(groups, rewards, advantages.samples(), epoch))
                    .filter(rollout::isImage)
                    .toArray();
            RunConfig.Algorithm algorithm = config.algorithm();
            double limit = algorithm.maxAdvantage();
            Advantages scaled = advantages.map(a -> algorithm.advantageScale() * Math.max(-limit, Math.min(limit, a)));
            Metrics metrics = rewardReport.of(rollout.rewards());
            runtime.weights().beforeUpdates();
            int every = config.run().diagnoseEvery();
            boolean diagnosed = every > 0 && (epoch + 1) % every == 0;
            metrics.add(updater.run(sampling, asked.prompts(), chosen, scaled, epoch, diagnosed, progress), 1);
            runtime.weights().afterUpdates(runtime.optimiser().steps());
            metrics.last("samples_trained", chosen.length);
            metrics.last("seconds_rollout", sampled);
            cost.metrics().forEach(metrics::last);
            checkOnPolicy(epoch, metrics);
            return metrics;
        }
    }

    private double progress(long epoch) {
        return (double) epoch / config.epochs();
    }

    private Advantages advantages(Rollout rollout, List<String> groups, long epoch) {
        List<RewardCombination.Column> columns = rollout.rewards().columns().stream()
                .map(column -> new RewardCombination.Column(column.name(), column.weight(), column.values()))
                .toList();
        RolloutEvidence evidence =
                new EpochEvidence(runtime, rollout, config.optimiser().microBatch(), progress(epoch));
        return parts.rewardCombination()
                .advantages(new RewardCombination.Scored(groups, columns, evidence), parts.advantage());
    }

    /** The samples to train on, ascending: what the selection says, or all where rewards are only watched. */
    private int[] chosen(List<String> groups, double[] rewards, double[] advantages, long epoch) {
        long seed = new RandomStreams(config.seed()).seed("selection", epoch);
        return parts.objective().maximisesRewards()
                ? parts.selection().select(new Selection.Candidates(groups, rewards, advantages, progress(epoch), seed))
                : IntStream.range(0, rewards.length).toArray();
    }

    /** Before the first update of an epoch every ratio must be 1; if not, rollout and training are not the same computation. */
    private void checkOnPolicy(long epoch, Metrics metrics) {
        double deviation = metrics.get("on_policy_deviation_max", 0);
        if (deviation > ON_POLICY_TOLERANCE) {
            notices.accept(String.format(
                    Locale.ROOT,
                    "warning: epoch %d: ratios before the first update differ from 1 by up to %.2e: rollout and"
                            + " training do not compute the same policy",
                    epoch + 1,
                    deviation));
        }
    }

    private void evaluate(Metrics metrics) {
        if (evaluation != null) {
            metrics.add(evaluation.run(), 1);
        }
        heldOut = metrics.values().getOrDefault("evaluation_reward_mean", heldOut);
    }

    private void after(long epoch, Metrics metrics) {
        RunConfig.Run every = config.run();
        boolean last = epoch == config.epochs();
        if (last || epoch % every.evaluateEvery() == 0) {
            evaluate(metrics);
        }
        metrics.last("learning_rate", runtime.learningRate());
        track(epoch, metrics);
        String line = EpochLine.of(metrics.values(), heldOut);
        progress.update("epoch", epoch, config.epochs(), line);
        run.log("epoch " + epoch + " " + line);
        if (last || epoch % every.sampleEvery() == 0) {
            drawSamples(epoch);
        }
        if (last || epoch % every.saveEvery() == 0) {
            double trained = evaluation == null ? metrics.get("reward_mean", Double.NaN) : Double.NaN;
            save(epoch, metrics.get("evaluation_reward_mean", trained));
        }
    }

    private void save(long epoch, double score) {
        run.checkpoints().save(epoch, score, folder -> {
            TrainingState.save(folder, epoch, open.stateful());
            export(folder, epoch);
        });
    }

    private Path export(Path folder, long epoch) {
        Map<String, String> provenance = Map.of(
                "version", VERSION,
                "checkpoint", checkpointName(),
                "seed", Long.toString(config.seed()),
                "epoch", Long.toString(epoch));
        return runtime.averaged(() -> runtime.tuning().export(folder, provenance));
    }

    /** The folder's name alone: where it lies on this machine is nobody's business, and "." says nothing. */
    private String checkpointName() {
        Path folder = config.resolve(config.checkpoint()).toAbsolutePath().normalize();
        return String.valueOf(folder.getFileName() == null ? folder : folder.getFileName());
    }

    private Result finish(long epoch) {
        run.requireThere();
        if (history.stream()
                .anyMatch(row -> !row.values().isEmpty())) { // stopped before the first epoch, nothing was measured
            Curves.write(run.path().resolve("curves.png"), history, Curves.USUAL);
        }
        boolean finished = epoch >= config.epochs();
        trackers.forEach(tracker -> tracker.end(finished));
        if (finished) {
            Path samples = run.path().resolve("samples");
            grid.compare(
                    samples.resolve(stepName(0)),
                    samples.resolve(stepName(epoch)),
                    run.path().resolve("before-after.png"));
        }
        List<Map<String, Double>> evaluations = history.stream()
                .map(MetricsLog.Row::values)
                .filter(values -> values.containsKey("evaluation_reward_mean"))
                .toList();
        Map<String, Double> none = Map.of();
        return new Result(
                run.path(),
                finished,
                evaluations.isEmpty() ? none : evaluations.get(0),
                evaluations.isEmpty() ? none : evaluations.get(evaluations.size() - 1),
                finished ? export(run.path(), epoch) : null,
                evaluatedBy());
    }

    private String evaluatedBy() {
        RunConfig.Rollout usual = config.rollout();
        RunConfig.Evaluation own = config.evaluation();
        BoundPart<Dynamics> dynamics = own == null || own.dynamics() == null ? usual.dynamics() : own.dynamics();
        Integer steps = own == null || own.steps() == null ? Integer.valueOf(usual.steps()) : own.steps();
        return dynamics.type() + ", " + steps + " steps";
    }

    private static String stepName(long epoch) {
        return String.format(Locale.ROOT, "step-%09d", epoch);
    }

    private String stage(long epoch, String what) {
        return what + " " + (epoch + 1) + "/" + config.epochs();
    }
}
