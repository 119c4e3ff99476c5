package org.imagerl.training.loop;

import ai.djl.engine.Engine;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.imagerl.config.registry.Registry;
import org.imagerl.images.Fonts;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.Statistics;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Score;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.report.Curves;
import org.imagerl.training.report.MetricsLog;
import org.imagerl.training.run.Provenance;
import org.imagerl.training.run.RunFolder;
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

    private final Session session;
    private final RunFolder run;
    private final Progress progress;
    private final Consumer<String> notices;
    private final PromptQueue queue;

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
     */
    public record Result(
            Path folder,
            boolean finished,
            Map<String, Double> before,
            Map<String, Double> after,
            @Nullable Path export) {}

    private Training(Session session, RunFolder run, Progress progress, Consumer<String> notices) {
        this.session = session;
        this.run = run;
        this.progress = progress;
        this.notices = notices;
        this.queue = new PromptQueue(session.trainPrompts, session.random);
    }

    /**
     * Starts a run.
     *
     * @param commandLine as typed, for the provenance
     * @param progress told of every stage; asked whether the user wants to stop
     * @param notices takes lines for the user
     * @throws org.imagerl.spi.UserException before anything is written, if something is wrong
     */
    public static Result start(
            EffectiveConfig effective,
            Registry registry,
            List<String> commandLine,
            Progress progress,
            Consumer<String> notices) {
        RunConfig config = effective.config();
        RunFolder.refuseExisting(RunFolder.path(config.run()));
        try (Session session = Session.open(config, registry, notices);
                RunFolder run = RunFolder.create(
                        config.run(),
                        effective.yaml(),
                        provenance(session, registry, commandLine),
                        Clock.systemUTC())) {
            return new Training(session, run, progress, notices).run(0);
        }
    }

    /** Goes on with a run from its newest checkpoint. */
    public static Result resume(Path folder, Registry registry, Progress progress, Consumer<String> notices) {
        RunConfig config = new RunConfigLoader(registry)
                .load(RunFolder.configOf(folder), List.of())
                .config();
        try (Session session = Session.open(config, registry, notices);
                RunFolder run = RunFolder.resume(folder, config.run(), Clock.systemUTC(), notices)) {
            long epoch = run.checkpoints()
                    .latest()
                    .map(checkpoint -> TrainingState.restore(checkpoint, session.parts()))
                    .orElse(0L);
            Provenance.changed(folder.resolve(RunFolder.PROVENANCE), inputs(session, registry))
                    .forEach(file ->
                            notices.accept("warning: " + file + " is another file than when the run began: what follows"
                                    + " is no longer what an uninterrupted run would do"));
            notices.accept("resuming " + folder + " after epoch " + epoch + " of " + config.epochs());
            return new Training(session, run, progress, notices).run(epoch);
        }
    }

    /** The files that the result depends on: checkpoint, prompts, reward models, and the jars of others. */
    private static List<Path> inputs(Session session, Registry registry) {
        List<Path> inputs = new ArrayList<>(session.inputs());
        inputs.addAll(registry.foreignJars());
        return inputs;
    }

    private static Provenance provenance(Session session, Registry registry, List<String> commandLine) {
        String engine = "PyTorch " + Engine.getEngine("PyTorch").getVersion();
        return Provenance.of(
                VERSION, engine, session.config.seed(), commandLine, inputs(session, registry), Clock.systemUTC());
    }

    private Result run(long done) {
        String allowance = session.allowance();
        if (!allowance.isEmpty()) {
            notices.accept(allowance);
            run.log(allowance);
        }
        sayHowLong(session.config.epochs() - done);
        RunConfig.Evaluation evaluation = session.config.evaluation();
        try (SampleGrid grid = new SampleGrid(session);
                Rollouts rollouts = new Rollouts(session, session.rewards);
                Evaluator evaluator = new Evaluator(evaluation == null ? null : new Evaluation(session, evaluation))) {
            if (done == 0 && run.checkpoints().latest().isEmpty()) {
                Map<String, Double> metrics = new TreeMap<>();
                evaluate(metrics, evaluator);
                run.metrics().append(0, metrics);
                run.samples(0, folder -> grid.write(folder, progress));
                Fonts.warnIfMissing(notices);
            }
            long epoch = done;
            try {
                while (epoch < session.config.epochs() && !progress.stopped()) {
                    Map<String, Double> metrics = train(rollouts, epoch);
                    epoch++;
                    after(epoch, metrics, evaluator, grid);
                }
            } catch (Rollouts.Stopped e) {
                notices.accept("epoch " + (epoch + 1) + " is given up, and with it " + e.lost()
                        + "; resuming samples the same ones again");
            }
            if (run.checkpoints().latestStep().orElse(-1) != epoch) {
                save(epoch, Double.NaN);
            }
            return finish(epoch, grid);
        }
    }

    /** A run that takes days says so before it starts, not after. */
    private void sayHowLong(long epochs) {
        if (epochs > 0) {
            String line = Plan.of(session, epochs).line();
            notices.accept(line);
            run.log(line);
        }
    }

    /** One epoch: rollout, reward, advantage, update. */
    private Map<String, Double> train(Rollouts rollouts, long epoch) {
        RunConfig config = session.config;
        Cost cost = new Cost(session.policy);
        List<Prompt> queued = queue.epoch(epoch, config.rollout().promptsPerEpoch());
        List<Prompt> prompts = IntStream.range(0, queued.size())
                .mapToObj(i -> session.drawn(queued.get(i), epoch, i))
                .flatMap(prompt -> Collections.nCopies(config.rollout().samplesPerPrompt(), prompt).stream())
                .toList();
        Seeds seeds = seeds(prompts.size(), epoch);
        Sampler sampler = session.sampler(epoch);
        String stage = stage(epoch, "rollout");
        try (Rollout rollout = rollouts.sample(sampler, prompts, seeds, session.kept(), true, stage, progress)) {
            double sampled = cost.seconds();
            double[] rewards = rollout.rewards().totals();
            double[] advantages = session.advantages.of(rollout.groups(), rollout.rewards());
            int[] chosen = Arrays.stream(session.algorithm.chosen(rollout.groups(), rewards, advantages))
                    .filter(rollout::isImage)
                    .toArray();
            double limit = config.algorithm().maxAdvantage();
            double[] scaled = Arrays.stream(advantages)
                    .map(a -> config.algorithm().advantageScale() * Math.max(-limit, Math.min(limit, a)))
                    .toArray();
            Map<String, Double> metrics = new TreeMap<>(rewardMetrics(rollout));
            session.weights.beforeUpdates();
            metrics.putAll(updates(epoch)
                    .run(rollout.trajectories(), chosen, scaled, epoch, progress)
                    .values());
            session.weights.afterUpdates(session.optimiser.steps());
            metrics.put("samples_trained", (double) chosen.length);
            metrics.put("seconds_rollout", sampled);
            metrics.putAll(cost.metrics());
            checkOnPolicy(epoch, metrics);
            return metrics;
        }
    }

    private Seeds seeds(int samples, long epoch) {
        long[] own = new long[samples];
        Arrays.setAll(own, i -> session.random.seed("rollout", epoch, i));
        if (!session.config.rollout().sharedNoise()) {
            return Seeds.own(own);
        }
        int group = session.config.rollout().samplesPerPrompt();
        long[] start = new long[samples];
        Arrays.setAll(start, i -> session.random.seed("group noise", epoch, i / group));
        return Seeds.shared(start, own);
    }

    private Updates updates(long epoch) {
        int every = session.config.run().diagnoseEvery();
        return new Updates(
                session.config.optimiser(),
                every > 0 && (epoch + 1) % every == 0,
                session.config.algorithm().trainedSteps(),
                session.algorithm.objective(),
                session.trainedPolicy,
                session.replicas,
                session.weights,
                session.optimiser,
                session.ema,
                session.learningRate,
                session.random);
    }

    private Map<String, Double> rewardMetrics(Rollout rollout) {
        Map<String, Double> metrics = new TreeMap<>();
        Statistics total = Statistics.of(rollout.rewards().totals());
        metrics.put("reward_mean", total.mean());
        metrics.put("reward_std", total.std());
        for (RewardTable.Column column : rollout.rewards().columns()) {
            metrics.put(
                    "reward_" + column.name() + "_mean",
                    Statistics.of(column.values()).mean());
            metrics.put("seconds_reward_" + column.name(), column.milliseconds() / 1000);
            reportFailures(column, metrics);
        }
        if (session.algorithm.objective().maximisesRewards() && total.min() == total.max()) {
            notices.accept(
                    "warning: all pictures of this epoch scored " + total.mean() + ": there is nothing to learn from");
        }
        return metrics;
    }

    /** Pictures without a score are left out of the statistics of their groups, and not trained on where rewards are: that is said, with a reason. */
    private void reportFailures(RewardTable.Column column, Map<String, Double> metrics) {
        List<Score> failed =
                column.scores().stream().filter(score -> !score.ok()).toList();
        metrics.put("reward_" + column.name() + "_failed", (double) failed.size());
        if (!failed.isEmpty()) {
            String line = "reward " + column.name() + " could not score " + failed.size() + " of "
                    + column.scores().size() + " pictures"
                    + (session.algorithm.objective().maximisesRewards() ? ", which are left out" : "") + "; the first: "
                    + failed.get(0).error();
            notices.accept("warning: " + line);
            run.log(line);
        }
    }

    /** Before the first update of an epoch every ratio must be 1; if not, rollout and training are not the same computation. */
    private void checkOnPolicy(long epoch, Map<String, Double> metrics) {
        double deviation = metrics.getOrDefault("on_policy_deviation_max", 0.0);
        if (deviation > ON_POLICY_TOLERANCE) {
            notices.accept(String.format(
                    Locale.ROOT,
                    "warning: epoch %d: ratios before the first update differ from 1 by up to %.2e: rollout and"
                            + " training do not compute the same policy",
                    epoch + 1,
                    deviation));
        }
    }

    private void evaluate(Map<String, Double> metrics, Evaluator evaluator) {
        metrics.putAll(evaluator.run());
        heldOut = metrics.getOrDefault("evaluation_reward_mean", heldOut);
    }

    private void after(long epoch, Map<String, Double> metrics, Evaluator evaluator, SampleGrid grid) {
        RunConfig.Run every = session.config.run();
        boolean last = epoch == session.config.epochs();
        if (last || epoch % every.evaluateEvery() == 0) {
            evaluate(metrics, evaluator);
        }
        metrics.put("learning_rate", session.learningRate.at(session.optimiser.steps()));
        run.metrics().append(epoch, metrics);
        progress.update("epoch", epoch, session.config.epochs(), line(metrics, heldOut));
        run.log("epoch " + epoch + " " + line(metrics, heldOut));
        if (last || epoch % every.sampleEvery() == 0) {
            run.samples(epoch, folder -> grid.write(folder, progress));
            Fonts.warnIfMissing(notices);
        }
        if (last || epoch % every.saveEvery() == 0) {
            double score = metrics.getOrDefault(
                    "evaluation_reward_mean",
                    evaluator.absent() ? metrics.getOrDefault("reward_mean", Double.NaN) : Double.NaN);
            save(epoch, score);
        }
    }

    private void save(long epoch, double score) {
        run.checkpoints().save(epoch, score, folder -> {
            TrainingState.save(folder, epoch, session.parts());
            export(folder, epoch);
        });
    }

    private Path export(Path folder, long epoch) {
        Map<String, String> provenance = Map.of(
                "version", VERSION,
                "checkpoint", checkpointName(),
                "seed", Long.toString(session.config.seed()),
                "epoch", Long.toString(epoch));
        return session.averaged(() -> session.tuning.export(folder, provenance));
    }

    /** The folder's name alone: where it lies on this machine is nobody's business, and "." says nothing. */
    private String checkpointName() {
        Path folder = session.config
                .resolve(session.config.checkpoint())
                .toAbsolutePath()
                .normalize();
        return String.valueOf(folder.getFileName() == null ? folder : folder.getFileName());
    }

    private Result finish(long epoch, SampleGrid grid) {
        List<MetricsLog.Row> rows = run.metrics().read();
        if (rows.stream()
                .anyMatch(row -> !row.values().isEmpty())) { // stopped before the first epoch, nothing was measured
            Curves.write(run.path().resolve("curves.png"), rows, Curves.USUAL);
        }
        boolean finished = epoch >= session.config.epochs();
        if (finished) {
            Path samples = run.path().resolve("samples");
            grid.compare(
                    samples.resolve(stepName(0)),
                    samples.resolve(stepName(epoch)),
                    run.path().resolve("before-after.png"));
        }
        List<Map<String, Double>> evaluations = rows.stream()
                .map(MetricsLog.Row::values)
                .filter(values -> values.containsKey("evaluation_reward_mean"))
                .toList();
        Map<String, Double> none = Map.of();
        return new Result(
                run.path(),
                finished,
                evaluations.isEmpty() ? none : evaluations.get(0),
                evaluations.isEmpty() ? none : evaluations.get(evaluations.size() - 1),
                finished ? export(run.path(), epoch) : null);
    }

    private static String stepName(long epoch) {
        return String.format(Locale.ROOT, "step-%09d", epoch);
    }

    private String stage(long epoch, String what) {
        return what + " " + (epoch + 1) + "/" + session.config.epochs();
    }

    /** What an epoch came to, the most important first; the held-out reward is that of the last evaluation. */
    private static String line(Map<String, Double> metrics, @Nullable Double heldOut) {
        StringBuilder line = new StringBuilder();
        add(line, "reward %.3f", metrics.get("reward_mean"));
        add(line, " | held-out %.3f", heldOut);
        add(line, " | std %.3f", metrics.get("reward_std"));
        add(line, " | clip %.1f%%", percent(metrics.get("clip_fraction")));
        add(line, " | grad %.3g", metrics.get("grad_norm"));
        add(line, " | ratio-1 %.1e", metrics.get("on_policy_deviation_max"));
        return line.toString();
    }

    private static @Nullable Double percent(@Nullable Double share) {
        return share == null ? null : 100 * share;
    }

    private static void add(StringBuilder line, String format, @Nullable Double value) {
        if (value != null) {
            line.append(String.format(Locale.ROOT, format, value));
        }
    }

    /** An evaluation that may not be there. */
    private final class Evaluator implements AutoCloseable {
        private final @Nullable Evaluation evaluation;

        Evaluator(@Nullable Evaluation evaluation) {
            this.evaluation = evaluation;
        }

        boolean absent() {
            return evaluation == null;
        }

        Map<String, Double> run() {
            return evaluation == null ? Map.of() : evaluation.run(progress);
        }

        @Override
        public void close() {
            if (evaluation != null) {
                evaluation.close();
            }
        }
    }
}
