package org.imagerl.cli.score;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Numbers;
import org.imagerl.cli.console.Outputs;
import org.imagerl.cli.console.Session;
import org.imagerl.cli.console.UsesMemory;
import org.imagerl.images.ExifOrientation;
import org.imagerl.scoring.FoundPictures;
import org.imagerl.scoring.PictureFinder;
import org.imagerl.scoring.ScoreSummary;
import org.imagerl.scoring.ScoreWriter;
import org.imagerl.scoring.ScoringRun;
import org.imagerl.scoring.Tables;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Context;
import org.imagerl.spi.io.AtomicFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl score}. */
@Command(
        name = "score",
        mixinStandardHelpOptions = true,
        header = "Scores pictures by rewards.",
        description = {
            "Writes a line per picture, and prints (and writes beside it) a summary per reward.",
            "",
            "The prompt of a picture is the one given by --prompt, else the one of --prompts or of the "
                    + "folder's prompts.jsonl, metadata.jsonl, prompts.csv, metadata.csv or prompts.txt, else the "
                    + "content of NAME.txt or NAME.caption beside NAME.png, else what the file says: the text "
                    + "'prompt' as imagerl sample writes it, 'parameters' (AUTOMATIC1111 and others), "
                    + "'invokeai_metadata', or the one positive prompt of a ComfyUI graph. The summary says how many "
                    + "came from where. A list says by file_name which prompt is whose; without it they are paired in "
                    + "order, numbers as numbers (2.png, 10.png). Beside the results lies NAME.header.json: how "
                    + "images got their prompts, a hash of both, and of every reward its range, settings, what was "
                    + "resolved, and the SHA-256 of its files. A picture that cannot be read or scored gets a line "
                    + "with the reason, and the exit code is 2; with --fail-fast it ends the run."
        })
final class ScoreVerb implements Callable<Integer>, UsesMemory {
    /** Rows are on the disk; only the batch at hand is lost. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final Session session;

    @Parameters(
            paramLabel = "PATH",
            description = "A folder of pictures, a list with file_name fields, or one picture.")
    private Path path = Path.of("");

    @Option(
            names = "--reward",
            required = true,
            paramLabel = "REWARD",
            description = "A reward by name (imagerl plugins lists them), or with settings as in a configuration: "
                    + "--reward '{type: ocr, mode: line}', or with the folder of its model: --reward pickscore=DIR. "
                    + "Can be given several times.")
    private List<String> rewards = List.of();

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The prompt of all pictures.")
    private @Nullable String prompt;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description =
                    "A list of prompts (.txt, .jsonl, .csv, or .parquet by its plugin), by a field file_name or in "
                            + "the order of the file names. Lines of a .txt that begin with # and a blank are comments.")
    private @Nullable Path prompts;

    @Option(
            names = "--allow-outside",
            description = "A list may name files outside its folder, by .. or from the root.")
    private boolean allowOutside;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "Results, .csv or .jsonl (or .parquet, by its plugin, made of a .jsonl beside it at the end); "
                            + "must not exist, but with --resume. Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("scores.csv");

    @Option(
            names = "--resume",
            description =
                    "Go on with results that a run left behind: what is there is not scored again. Images, prompts "
                            + "and rewards must be those of then.")
    private boolean resume;

    @Option(
            names = "--fail-fast",
            description = "End with an error at the first picture that cannot be read or scored.")
    private boolean failFast;

    @Option(
            names = "--exif-orientation",
            paramLabel = "apply|ignore",
            description = "Whether photographs are turned as their EXIF orientation says. Scorers that use Pillow's "
                    + "Image.open alone see them as they are stored (TIFF turned); how many carry an orientation is "
                    + "said. Default: ${DEFAULT-VALUE}")
    private ExifOrientation exifOrientation = ExifOrientation.IGNORE;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Images in memory at a time, fewer where they are large. Default: ${DEFAULT-VALUE}")
    private int batch = 16;

    @Option(
            names = "--device",
            description = "auto, cpu or cuda:N. A reward that cannot use the GPU says so and runs on the CPU; with a "
                    + "device of its own, '{type: ocr, device: cuda:0}', it fails instead. Default: ${DEFAULT-VALUE}")
    private String device = "auto";

    @Option(names = "--threads", paramLabel = "N", description = "Threads a reward may use. Default: all cores")
    private int threads = Runtime.getRuntime().availableProcessors();

    ScoreVerb(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Numbers.atLeastOne("--batch", batch);
        Numbers.atLeastOne("--threads", threads);
        Path summary = Outputs.sibling(out, ".summary.json");
        Context context = session.context(device, threads);
        Tables tables = Tables.of(session.registry(), context);
        Path rows = tables.rows(out);
        ScoreWriter.check(rows.toString(), List.of());
        if (!resume) {
            List.of(out, rows, summary).forEach(Outputs::fresh);
        }
        FoundPictures found =
                PictureFinder.look(path, new PictureFinder.Request(prompt, prompts, allowOutside), tables);
        found.notices().forEach(session::notice);
        try (WeightedRewards made = WeightedRewards.create(
                rewards.stream()
                        .map(text -> RewardArguments.read(session.registry(), text))
                        .toList(),
                context)) {
            return session.runLong("go on with the same command and --resume", SILENCE, progress -> {
                ScoringRun.Options options =
                        new ScoringRun.Options(batch, resume, failFast, path, exifOrientation, found.pairing());
                ScoreSummary scores = ScoringRun.run(found.pictures(), made, options, rows, progress);
                if (!scores.stopped()) {
                    tables.finish(rows, made.names(), out);
                }
                AtomicFile.writeText(summary, scores.json());
                return report(scores, scores.stopped() ? rows : out, summary);
            });
        }
    }

    private static String sources(Map<String, Integer> sources) {
        return sources.isEmpty()
                ? "-"
                : sources.entrySet().stream()
                        .map(source -> source.getKey() + " (" + source.getValue() + ")")
                        .collect(Collectors.joining(", "));
    }

    private int report(ScoreSummary summary, Path results, Path summaryFile) {
        session.out().print(summary.table());
        summary.notes().forEach(session::notice);
        session.out().println("prompts from: " + sources(summary.promptSources()));
        session.out()
                .println("written: " + results + ", " + summaryFile + ", " + Outputs.sibling(results, ".header.json"));
        if (summary.stopped()) {
            return ExitCode.INTERRUPTED;
        }
        int missing = summary.rewards().stream()
                .mapToInt(ScoreSummary.Line::errors)
                .max()
                .orElse(0);
        if (missing > 0) {
            session.notice(missing + " of " + summary.pictures()
                    + " pictures have no score, the first: " + summary.firstError()
                    + "; all reasons are in the column error of " + results);
            return ExitCode.INPUT;
        }
        return ExitCode.OK;
    }

    @Override
    public List<String> memoryAdvice() {
        return List.of("--batch (now " + batch + "): pictures in memory at a time", "--threads (now " + threads + ")");
    }
}
