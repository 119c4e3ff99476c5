package org.imagerl.cli.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.UsesMemory;
import org.imagerl.training.study.FailedCommand;
import org.imagerl.training.study.Study;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl study}. */
@Command(
        name = "study",
        mixinStandardHelpOptions = true,
        header = "Compares configurations over several seeds.",
        description = {
            "Trains every arm of the study with every seed and writes report.md, curves.png and the "
                    + "metrics of all runs. If it is interrupted, the same command continues it; runs that are "
                    + "finished in the folder are not run again.",
            "",
            "Example: imagerl study guard-ratio.yaml --out results/guard-ratio"
        })
final class StudyVerb implements Callable<Integer>, UsesMemory {
    private final CliContext session;

    @Parameters(paramLabel = "FILE", description = "The study, YAML.")
    private Path file = Path.of("");

    @Option(names = "--out", paramLabel = "DIR", description = "The folder of the report. Default: runs/NAME")
    private @Nullable Path out;

    @Option(names = "--runs", paramLabel = "DIR", description = "The folder of the runs. Default: runs/NAME")
    private @Nullable Path runs;

    StudyVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        String name = String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
        Path own = Path.of("runs").resolve(name);
        Study.Settings settings = new Study.Settings(
                out == null ? own : out,
                runs == null ? own : runs,
                String.join(" ", session.commandLine()),
                session::run);
        return session.runLong("the same command continues from here", progress -> {
            try {
                Optional<Path> report = Study.run(file, settings, session.registry(), progress, session::notice);
                report.ifPresent(path -> session.out().println("written: " + path));
                return report.isPresent() ? ExitCode.OK : ExitCode.INTERRUPTED;
            } catch (FailedCommand e) {
                session.notice(String.valueOf(e.getMessage()));
                return e.exitCode();
            }
        });
    }

    @Override
    public List<String> memoryAdvice() {
        return List.of("set: [\"optimiser.micro_batch=N\"]: activations of the backward pass fall in proportion");
    }
}
