package org.imagerl.cli.train;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Numbers;
import org.imagerl.cli.console.Outputs;
import org.imagerl.cli.console.UsesMemory;
import org.imagerl.config.Overrides;
import org.imagerl.images.PngWriter;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Folders;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.evaluation.EvaluationReport;
import org.imagerl.training.loop.RunEvaluation;
import org.imagerl.training.run.Checkpoints;
import org.imagerl.training.run.RunFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl eval}. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        header = "Evaluates what a run trained beside what it began from.",
        description = {
            "Makes images of held-out prompts with the checkpoint that the run began from and with what it "
                    + "trained, on the same seeds, and scores both by the rewards of the run and by others. Prints the "
                    + "mean of each, the mean change with its 95 %% confidence interval, and how many images are "
                    + "better and worse. Writes them to summary.json, and a line per prompt and seed to scores.csv, in "
                    + "a new folder. The run may be training meanwhile.",
            "",
            "Example: imagerl eval runs/ddpo --reward jpeg-compressibility --prompts others.txt"
        })
final class EvalVerb implements Callable<Integer>, UsesMemory {
    private final CliContext session;

    @Parameters(paramLabel = "RUN", description = "The folder of the run, the one with checkpoints/ in it.")
    private Path run = Path.of("");

    @Option(
            names = "--checkpoint",
            paramLabel = "best|latest|EPOCH",
            description = "Which checkpoint of the run: best by its own evaluations (the newest, if there were none), "
                    + "latest, or one of those that it kept. Default: ${DEFAULT-VALUE}")
    private String checkpoint = "best";

    @Option(
            names = "--reward",
            paramLabel = "REWARD",
            description = "A reward beside those of the run, by name or with settings as for imagerl score. Can be "
                    + "given several times.")
    private List<String> rewards = List.of();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "Prompts in place of the run's held-out ones: .txt (one per line), .jsonl or .csv.")
    private @Nullable Path prompts;

    @Option(
            names = "--split",
            paramLabel = "NAME",
            description = "Only those of --prompts with this value in their field split.")
    private @Nullable String split;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Images of each prompt. Default: as in the run's evaluations")
    private @Nullable Integer samples;

    @Option(names = "--seed", paramLabel = "N", description = "Other noise than in the run's evaluations.")
    private @Nullable Long seed;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Overrides a key of the run's configuration: --set evaluation.steps=20, --set device=cpu. Can "
                            + "be given several times.")
    private List<String> overrides = List.of();

    @Option(
            names = "--images",
            description = "Write the images too, as base/00000.png and tuned/00000.png, by the number in scores.csv.")
    private boolean images;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "A new folder for the results. Default: the name of the run with -eval, in the "
                    + "working directory")
    private @Nullable Path out;

    EvalVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        RunFolder.configOf(run);
        Path chosen = Checkpoints.of(run).named(checkpoint);
        Path target = out == null ? Path.of(run.toAbsolutePath().normalize().getFileName() + "-eval") : out;
        Outputs.freshFolder(target);
        if (Outputs.isWithin(target, run)) {
            throw UserException.input(
                    "--out " + target + " lies in the folder of the run, which holds what the run itself"
                            + " writes; name a folder outside of it");
        }
        RunEvaluation.Request request = new RunEvaluation.Request(run, chosen, overrides(), seed);
        List<RewardEntry> more = rewards.stream()
                .map(text -> RewardArguments.read(session.registry(), text))
                .toList();
        return session.runLong("nothing is written; begin again with the same command", progress -> {
            EvaluationReport[] report = new EvaluationReport[1];
            try {
                Folders.create(target, fresh -> {
                    report[0] = evaluated(request, more, fresh, progress);
                    report[0].write(fresh);
                });
            } catch (CancellationException e) {
                return ExitCode.INTERRUPTED;
            }
            session.out().print(report[0].table());
            session.out()
                    .println("written: " + target + " (summary.json, scores.csv" + (images ? ", base/, tuned/)" : ")"));
            return ExitCode.OK;
        });
    }

    private Overrides overrides() {
        Overrides all = Overrides.parse(overrides);
        if (prompts != null) {
            Map<String, Object> source = new HashMap<>();
            source.put("file", prompts.toAbsolutePath().toString());
            source.put("split", split);
            all = all.set("evaluation.prompts", source);
        } else if (split != null) {
            throw UserException.input("--split chooses among the prompts of --prompts; give that too");
        }
        if (samples != null) {
            Numbers.atLeastOne("--samples", samples);
            all = all.set("evaluation.samples_per_prompt", samples);
        }
        return all;
    }

    private EvaluationReport evaluated(
            RunEvaluation.Request request, List<RewardEntry> more, Path folder, Progress progress) {
        RunEvaluation.Images writer = images
                ? (tuned, i, prompt, image) -> write(folder, tuned, i, prompt, image)
                : (tuned, i, prompt, image) -> {};
        try (WeightedRewards others = more.isEmpty()
                ? null
                : WeightedRewards.create(
                        more, session.context("auto", Runtime.getRuntime().availableProcessors()))) {
            RunEvaluation.Result result =
                    RunEvaluation.of(request, session.registry(), others, writer, progress, session::notice);
            return EvaluationReport.of(run, request.checkpoint(), result);
        }
    }

    private static void write(Path folder, boolean tuned, int index, Prompt prompt, ImageOrReason made) {
        if (made.image() != null) {
            Path file = folder.resolve(tuned ? "tuned" : "base").resolve(String.format(Locale.ROOT, "%05d.png", index));
            PngWriter.write(file, made.image(), Map.of("prompt", prompt.text()));
        }
    }

    @Override
    public List<String> memoryAdvice() {
        return TrainingReport.memoryAdvice(
                new RunConfigLoader(session.registry())
                        .load(RunFolder.configOf(run), overrides)
                        .config(),
                "--set ");
    }
}
