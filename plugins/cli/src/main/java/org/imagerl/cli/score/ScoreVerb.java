package org.imagerl.cli.score;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Numbers;
import org.imagerl.cli.console.Outputs;
import org.imagerl.cli.console.SparkOptions;
import org.imagerl.cli.console.UsesMemory;
import org.imagerl.images.ExifOrientation;
import org.imagerl.scoring.ImageFinder;
import org.imagerl.scoring.ScoreSummary;
import org.imagerl.scoring.ScoreWriter;
import org.imagerl.scoring.ScoringCluster;
import org.imagerl.scoring.ScoringJob;
import org.imagerl.scoring.ScoringRun;
import org.imagerl.scoring.Tables;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Context;
import org.imagerl.spi.io.AtomicFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl score}. */
@Command(
        name = "score",
        mixinStandardHelpOptions = true,
        header = "Scores images by rewards.",
        description = {
            "Writes one line per image, prints a summary of each reward, and writes it to a file beside "
                    + "the results.",
            "",
            "The prompt of an image is that of --prompt, else that of --prompts or of the folder's "
                    + "prompts.jsonl, metadata.jsonl, prompts.csv, metadata.csv or prompts.txt, else the content "
                    + "of NAME.txt or NAME.caption beside NAME.png, else a text in the image file: the text "
                    + "'prompt' as imagerl sample writes it, 'parameters' (AUTOMATIC1111 and others), "
                    + "'invokeai_metadata', or the one positive prompt of a ComfyUI graph. The summary says how "
                    + "many prompts came from where. A list names the image of each prompt by file_name. Without "
                    + "file_name, prompts and images are paired in the order of the names, where 2.png comes "
                    + "before 10.png. NAME.header.json beside the results says how images got their prompts, with "
                    + "a hash of both, and has for each reward its range, its settings, the files that were found, "
                    + "and their SHA-256. An image that cannot be read or scored gets a line with the reason, and "
                    + "the exit code is 2. With --fail-fast it ends the command."
        })
final class ScoreVerb implements Callable<Integer>, UsesMemory {
    /** Rows are on the disk; only the batch at hand is lost. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final CliContext session;

    @Parameters(
            paramLabel = "PATH",
            description = "A folder of images, a list with file_name fields, or one image. With --spark also an "
                    + "address that Hadoop's file systems read (s3a://BUCKET/FOLDER), and a Parquet table that holds "
                    + "the images themselves.")
    private String path = "";

    @Mixin
    private SparkOptions spark = new SparkOptions();

    @Option(
            names = "--reward",
            required = true,
            paramLabel = "REWARD",
            description = "A reward by name (imagerl plugins lists them), or with settings as in a configuration: "
                    + "--reward '{type: ocr, mode: line}', or with the folder of its model: --reward pickscore=DIR. "
                    + "Can be given several times.")
    private List<String> rewards = List.of();

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The prompt of all images.")
    private @Nullable String prompt;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "A list of prompts (.txt, .jsonl, .csv, or .parquet by its plugin), with a field file_name "
                    + "or in the order of the file names. Lines of a .txt that begin with # and a blank are "
                    + "comments.")
    private @Nullable Path prompts;

    @Option(
            names = "--allow-outside",
            description = "Permit a list to name files outside its folder, by .. or by absolute paths.")
    private boolean allowOutside;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Results, .csv or .jsonl (or .parquet, by its plugin, which is made at the end of a .jsonl "
                    + "beside it). The file must not exist, except with --resume. Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("scores.csv");

    @Option(
            names = "--resume",
            description = "Continue an interrupted scoring run: images that have a score are not scored again. Images, "
                    + "prompts and rewards must be the same.")
    private boolean resume;

    @Option(names = "--fail-fast", description = "End with an error at the first image that cannot be read or scored.")
    private boolean failFast;

    @Option(
            names = "--exif-orientation",
            paramLabel = "apply|ignore",
            description = "Whether photographs are turned by their EXIF orientation. Scorers that use Pillow's "
                    + "Image.open take them as they are stored (and turn TIFF). The summary counts the images with "
                    + "an orientation. Default: ${DEFAULT-VALUE}")
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

    ScoreVerb(CliContext session) {
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
        ImageFinder.Request request = new ImageFinder.Request(prompt, prompts, allowOutside);
        ScoringCluster.Settings settings = spark.settings(false, device);
        if (settings == null) {
            return score(() -> ScoringJob.here(path, request, tables), context, tables, rows, summary);
        }
        ScoringCluster.Asked asked = new ScoringCluster.Asked(path, request, rewards, device);
        try (ScoringCluster cluster = ScoringCluster.connect(settings, session.registry(), session::notice)) {
            return score(() -> cluster.open(asked, tables), context, tables, rows, summary);
        }
    }

    private int score(Supplier<ScoringJob> opened, Context context, Tables tables, Path rows, Path summary) {
        try (ScoringJob job = opened.get();
                WeightedRewards made = WeightedRewards.create(
                        rewards.stream()
                                .map(text -> RewardArguments.read(session.registry(), text))
                                .toList(),
                        context)) {
            job.found().notices().forEach(session::notice);
            return session.runLong("continue with the same command and --resume", SILENCE, progress -> {
                ScoringRun.Options options = new ScoringRun.Options(
                        batch,
                        resume,
                        failFast,
                        job.place(),
                        exifOrientation,
                        job.found().pairing());
                ScoreSummary scores =
                        ScoringRun.run(job.found().items(), made, options, rows, progress, job.executor());
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
            session.notice(missing + " of " + summary.images()
                    + " images have no score, the first: " + summary.firstError()
                    + "; all reasons are in the column error of " + results);
            return ExitCode.INPUT;
        }
        return ExitCode.OK;
    }

    @Override
    public List<String> memoryAdvice() {
        return List.of("--batch (now " + batch + "): images in memory at a time", "--threads (now " + threads + ")");
    }
}
