package org.imagerl.training.loop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.imagerl.images.Fonts;
import org.imagerl.spi.Progress;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.run.Tracker;
import org.imagerl.spi.work.Memory;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.report.Curves;
import org.imagerl.training.report.MetricsLog;
import org.imagerl.training.run.RunFolder;
import org.jspecify.annotations.Nullable;

/**
 * The one training loop: rollout, reward, advantage, update, evaluate, save. It knows no algorithm: what is maximised and how is in the
 * parts that the configuration names.
 */
final class TrainingLoop {
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
    private final RunExport export;
    private final List<Tracker> trackers;
    private final Progress progress;
    private final Consumer<String> notices;
    private final EpochData.Source source;

    /** All numbers of the run so far, those of before a resume included. */
    private final List<MetricsLog.Row> history = new ArrayList<>();

    /** Mean reward on held-out prompts at the last evaluation, for the progress line. */
    private @Nullable Double heldOut;

    TrainingLoop(OpenRun open, RunFolder run, RunExecutors executors, Progress progress, Consumer<String> notices) {
        this.open = open;
        this.config = open.config();
        this.parts = open.parts();
        this.runtime = open.runtime();
        this.updater = new PolicyUpdater(config, parts, runtime, executors.gradients());
        this.rollouts = new Rollouts(executors.rollouts(), config.rollout().batchSize(), progress);
        this.grid = new SampleGrid(open, rollouts);
        RunConfig.Evaluation held = config.evaluation();
        this.evaluation = held == null ? null : new Evaluation(open, rollouts, held.samplesPerPrompt());
        this.run = run;
        this.export = new RunExport(config, runtime);
        this.trackers = Stream.concat(Stream.of(run.epochs(), run.metrics()), parts.trackers().stream())
                .toList();
        this.progress = progress;
        this.notices = notices;
        this.source = source();
    }

    private EpochData.Source source() {
        DataSource data = parts.data();
        RewardReport report = new RewardReport(parts.objective().maximisesRewards(), notices, run::log);
        return data == null
                ? new SampledEpochs(open, rollouts, report, trackers)
                : new StoredEpochs(open, rollouts, data);
    }

    /**
     * Trains the rest of a run.
     *
     * @param done epochs that are trained
     * @param kept the epoch whose numbers are the last that count; -1 if there are none
     */
    Training.Result run(long done, long kept) {
        Memory.resetPeak();
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
            String line = Plan.before(open, epochs).line();
            notices.accept(line);
            run.log(line);
        }
    }

    /** Trains one epoch: images and their advantages, then the update. */
    private Metrics train(long epoch) {
        Cost cost = new Cost(runtime);
        try (EpochData data = source.epoch(epoch, stage(epoch, parts.data() == null ? "rollout" : "images"))) {
            EpochCredit credit = data.credit();
            Metrics metrics = data.metrics();
            runtime.weights().beforeUpdates();
            int every = config.run().diagnoseEvery();
            boolean diagnosed = every > 0 && (epoch + 1) % every == 0;
            metrics.add(
                    updater.run(
                            data.sampling(),
                            data.prompts(),
                            credit.chosen(),
                            credit.advantages(),
                            epoch,
                            diagnosed,
                            progress),
                    1);
            runtime.weights().afterUpdates(runtime.optimiser().steps());
            metrics.last("samples_trained", credit.chosen().length);
            metrics.last("seconds_rollout", data.seconds());
            cost.metrics().forEach(metrics::last);
            checkOnPolicy(epoch, metrics);
            return metrics;
        }
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
        metrics.add(source.heldOut(updater), 1);
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
            save(epoch, score(epoch, metrics));
        }
    }

    /** What checkpoints are compared by: the highest is the best; NaN where the epoch does not have the metric. */
    private double score(long epoch, Metrics metrics) {
        RunConfig.BestBy by = config.run().bestBy();
        if (by == null) {
            double trained = evaluation == null ? metrics.get("reward_mean", Double.NaN) : Double.NaN;
            return metrics.get("evaluation_reward_mean", trained);
        }
        double number = metrics.get(by.metric(), Double.NaN);
        if (Double.isNaN(number)) {
            notices.accept(
                    "warning: the checkpoint of epoch " + epoch + " cannot be the best, because the epoch has no "
                            + by.metric()
                            + " (run.best_by); metrics of the evaluation are there if run.save_every is a multiple"
                            + " of run.evaluate_every");
        }
        return by.lowest() ? -number : number;
    }

    private void save(long epoch, double score) {
        run.checkpoints().save(epoch, score, folder -> {
            TrainingState.save(folder, epoch, open.stateful());
            export.write(folder, epoch);
        });
    }

    private Training.Result finish(long epoch) {
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
        return new Training.Result(
                run.path(),
                finished,
                evaluations.isEmpty() ? none : evaluations.get(0),
                evaluations.isEmpty() ? none : evaluations.get(evaluations.size() - 1),
                finished ? export.write(run.path(), epoch) : null,
                config.evaluatedBy());
    }

    private static String stepName(long epoch) {
        return String.format(Locale.ROOT, "step-%09d", epoch);
    }

    private String stage(long epoch, String what) {
        return what + " " + (epoch + 1) + "/" + config.epochs();
    }
}
