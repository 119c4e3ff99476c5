package org.imagerl.cli.plugin;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Outputs;
import org.imagerl.cli.console.Version;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl debug-bundle}. */
@Command(
        name = "debug-bundle",
        mixinStandardHelpOptions = true,
        header = "Collects what a report of a problem needs, in a zip file.",
        description = {
            "Writes what doctor says, Java, the machine and the settings of the environment, and of a run its "
                    + "configuration, provenance, metrics, log and the list of its files. Passwords, tokens and "
                    + "values of headers are masked, and the home folder is written as ~. Prompts in the log and in "
                    + "the configuration stay. There are no images and no weights in it, unless they are asked for. "
                    + "Nothing is sent anywhere: look at the file, then attach it to the report.",
            "",
            "Example: imagerl debug-bundle runs/ddpo"
        })
final class DebugBundleVerb implements Callable<Integer> {
    private static final int MAX_TEXT_BYTES = 1 << 26;
    private static final List<String> TEXTS =
            List.of("config.yaml", "provenance.json", "metrics.jsonl", "log.txt", "latest", "best");
    /** Variables whose values matter to those who look for a fault. */
    private static final String SETTINGS =
            "(OMP|MKL|KMP|GOMP|IMAGERL|DJL|ENGINE|PYTORCH|TORCH|CUDA|NVIDIA|MALLOC|ONEDNN|ATEN|RUST|LC|MLFLOW)_.*"
                    + "|LANG|LANGUAGE|LD_LIBRARY_PATH|LD_PRELOAD|JAVA_HOME|JAVA_TOOL_OPTIONS"
                    + "|XDG_CACHE_HOME|TMPDIR|COLUMNS";

    private final CliContext session;
    private final DoctorVerb doctor;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "The folder of a run.")
    private @Nullable Path run;

    @Option(
            names = "--add",
            paramLabel = "FILE",
            description = "One more text, for instance what was printed. Can be given several times.")
    private List<Path> more = List.of();

    @Option(names = "--images", description = "Also the sample images of the run.")
    private boolean images;

    @Option(names = "--weights", description = "Also the checkpoints of the run and what it exported.")
    private boolean weights;

    @Option(names = "--out", paramLabel = "FILE", description = "A new file. Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("imagerl-debug.zip");

    DebugBundleVerb(CliContext session, DoctorVerb doctor) {
        this.session = session;
        this.doctor = doctor;
    }

    @Override
    public Integer call() {
        Outputs.fresh(out);
        Bundle bundle = new Bundle(new Secrets(System.getenv(), System.getProperty("user.home", "")));
        if (run != null) {
            requireFolder(run);
            addRun(bundle, run);
        }
        for (Path file : more) { // two may have one name
            String name = more.indexOf(file) + "-" + file.getFileName();
            bundle.text("added/" + name, BoundedFile.text(file, MAX_TEXT_BYTES));
        }
        bundle.text("doctor.txt", findings());
        bundle.text("environment.txt", environment());
        bundle.write(out, "imagerl " + Version.current());
        session.out().print(bundle.contents());
        session.out()
                .println("written: " + out + "; look at it before you give it away: what does not look like a"
                        + " secret is not masked");
        return ExitCode.OK;
    }

    private static void requireFolder(Path run) {
        if (!Files.isDirectory(run)) {
            throw UserException.input(run + ": is no folder; give the folder of a run, or none");
        }
        if (TEXTS.stream().noneMatch(name -> Files.exists(run.resolve(name)))) {
            throw UserException.input(
                    run + ": has nothing of a run, none of " + TEXTS + "; give the folder of a run, or none");
        }
    }

    private void addRun(Bundle bundle, Path folder) {
        StringBuilder listed = new StringBuilder();
        for (Path file : Folders.files(folder)) {
            String name = Folders.slashed(folder.relativize(file));
            listed.append(size(file)).append(' ').append(name).append('\n');
            boolean image = name.endsWith(".png");
            boolean weight = name.startsWith("checkpoints/") || name.endsWith(".safetensors");
            if (TEXTS.contains(name)) {
                addText(bundle, name, file);
            } else if (image ? images : weight && weights) {
                bundle.file("run/" + name, file);
            }
        }
        bundle.text("run/files.txt", listed.toString());
    }

    /** A file that is too large, or no text, is no reason to have no bundle. */
    private static void addText(Bundle bundle, String name, Path file) {
        try {
            bundle.text("run/" + name, BoundedFile.text(file, MAX_TEXT_BYTES));
        } catch (UserException e) {
            bundle.text("run/" + name + ".missing.txt", e.getMessage() + "\n");
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    private String findings() {
        StringWriter text = new StringWriter();
        PrintWriter lines = new PrintWriter(text);
        doctor.check(question -> false, finding -> finding.print(lines));
        return text.toString();
    }

    private static String environment() {
        Map<String, String> lines = new TreeMap<>();
        Stream.of(
                        "java.version",
                        "java.vendor",
                        "java.home",
                        "java.class.path",
                        "os.name",
                        "os.version",
                        "os.arch",
                        "sun.jnu.encoding",
                        "file.encoding",
                        "user.language",
                        "imagerl.home")
                .forEach(name -> lines.put(name, System.getProperty(name, "")));
        lines.put(
                "java.arguments",
                String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
        System.getenv().forEach((name, value) -> {
            if (name.matches(SETTINGS)) {
                lines.put(name, Secrets.isSecret(name) ? "is set, " + Secrets.MASK : value);
            }
        });
        StringBuilder text = new StringBuilder();
        lines.forEach(
                (name, value) -> text.append(name).append(" = ").append(value).append('\n'));
        return text.toString();
    }
}
