package org.imagerl.cli.train;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.UsesMemory;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.Training;
import org.imagerl.training.run.RunFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code imagerl resume}. */
@Command(
        name = "resume",
        mixinStandardHelpOptions = true,
        header = "Continues an interrupted run.",
        description = {
            "Starts from the newest run checkpoint, with the settings in the run's config.yaml. On a CPU "
                    + "the result is the same, bit for bit, as if the run had never been interrupted.",
            "",
            "Example: imagerl resume runs/ddpo"
        })
final class ResumeVerb implements Callable<Integer>, UsesMemory {
    private final CliContext session;
    private @Nullable RunConfig config;

    @Parameters(paramLabel = "RUN", description = "The folder of the run, the one with checkpoints/ in it.")
    private Path run = Path.of("");

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    ResumeVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        RunConfig configured = new RunConfigLoader(session.registry())
                .load(RunFolder.configOf(run), List.of())
                .config();
        config = configured;
        return session.runLong(
                "continue with: imagerl resume " + run + cluster.words(),
                progress -> cluster.run(session, configured.device(), computing -> {
                    TrainingReport.begin(run, session.out());
                    return TrainingReport.print(
                            Training.resume(run, session.registry(), progress, session::notice, computing),
                            session.out());
                }));
    }

    @Override
    public List<String> memoryAdvice() {
        return config == null
                ? List.of()
                : TrainingReport.memoryAdvice(config, "in " + run.resolve("config.yaml") + ": ");
    }
}
